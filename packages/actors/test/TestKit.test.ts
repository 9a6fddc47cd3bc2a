import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, TestKit } from "@fibra/actors"
import { nothing, worker } from "./support/messages.ts"
import { quiet } from "./support/system.ts"

const Audit = RpcGroup.make(
  Rpc.make("Log", { payload: { line: Schema.String } }),
  Rpc.make("Count", { success: Schema.Int })
)

describe("TestKit", () => {
  it.effect(
    "TKT1: a probe gives its messages in order, and fails on another one or none in time",
    () =>
      Effect.gen(function* () {
        const probe = yield* TestKit.probe(Audit, { Count: () => Effect.succeed(7) })
        yield* probe.ref.tell("Log", { line: "a" })
        assert.strictEqual(yield* probe.ref.ask("Count"), 7)
        assert.deepStrictEqual(yield* probe.expectMessage("Log"), { line: "a" })
        const other = yield* Effect.flip(probe.expectMessage("Log"))
        assert.strictEqual(other.message, "/probe expected Log, and got Count")
        yield* probe.expectNoMessage()
        const waiting = yield* Effect.forkChild(Effect.flip(probe.expectMessage("Log")), {
          startImmediately: true
        })
        yield* TestClock.adjust("3 seconds")
        assert.strictEqual(
          (yield* Fiber.join(waiting)).message,
          "/probe expected Log, and got nothing"
        )
        yield* probe.ref.ask("Log", { line: "b" })
        const surprise = yield* Effect.flip(probe.expectNoMessage())
        assert.strictEqual(surprise.message, '/probe expected nothing, and got Log {"line":"b"}')
      }).pipe(Effect.provide(quiet))
  )

  it.effect("TKT2: a probe that has no reply to an ask crashes with the tag", () =>
    Effect.gen(function* () {
      const { ref } = yield* TestKit.probe(Audit)
      const stopped = yield* Effect.flip(ref.ask("Count"))
      assert.isTrue(stopped._tag === "ActorStopped" && stopped.reason === "crashed")
      if (stopped._tag !== "ActorStopped") return
      const expected = yield* Effect.flip(
        Effect.sandbox(Effect.die(new TestKit.NoReply({ tag: "Count" })))
      )
      assert.deepStrictEqual(stopped.cause, expected)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("TKT3: a record has all that the actors of a behaviour do, and they do it", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const { behavior, done } = yield* TestKit.record(
        worker(({ timer }) => timer("t", { every: "1 second" }, "Tick", { n: 1 }), log)
      )
      const ref = yield* Actor.spawn(behavior)
      const other = yield* Actor.spawn(worker(), { name: "other" })
      yield* ref.ask("Ask", ({ cancelTimer, receiveTimeout, spawn, unwatch, watch }) =>
        Effect.gen(function* () {
          yield* spawn(worker(), { name: "child" })
          yield* watch(other, "Down", () => ({ path: "", reason: "" }))
          yield* unwatch(other)
          yield* cancelTimer("t")
          yield* receiveTimeout("1 second", "Tick", { n: 2 })
        })
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(log, ["tick 2"])
      yield* ref.tell("Tell", ({ stash }) => stash)
      yield* ref.tell("Tell", ({ unstashAll }) => Effect.andThen(unstashAll, Effect.void))
      yield* ref.tell("Tell", ({ stop }) => stop)
      while ((yield* Effect.exit(ref.ask("Ask", nothing)))._tag === "Success")
        yield* Effect.yieldNow
      const all = yield* done
      assert.deepStrictEqual(all.slice(0, 6), [
        {
          _tag: "TimerStarted",
          key: "t",
          when: { every: "1 second" },
          tag: "Tick",
          payload: { n: 1 }
        },
        { _tag: "Spawned", options: { name: "child" } },
        { _tag: "Watched", path: "/other", tag: "Down" },
        { _tag: "Unwatched", path: "/other" },
        { _tag: "TimerCancelled", key: "t" },
        { _tag: "ReceiveTimeoutSet", after: "1 second", tag: "Tick", payload: { n: 2 } }
      ])
      assert.deepStrictEqual(
        all.slice(6).map(({ _tag }) => _tag),
        ["Stashed", "UnstashedAll", "Stashed", "Stopped"]
      )
    }).pipe(Effect.provide(quiet))
  )
})

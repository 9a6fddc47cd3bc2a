import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, References, Schema, Stream } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, ActorSystem, Behavior, DeadLetters, Watch } from "@fibra/actors"
import { logged } from "./support/logged.ts"
import { nothing, worker } from "./support/messages.ts"
import { quiet } from "./support/system.ts"

const stopped = Effect.gen(function* () {
  const ref = yield* Actor.spawn(worker(), { name: "w" })
  yield* Actor.stop(ref)
  const { all, counts, stream } = yield* DeadLetters.DeadLetters
  return { all, counts, ref, stream }
})

describe("DeadLetters", () => {
  it.effect("DLQ1: the newest are kept, as many as the system was made to keep, oldest first", () =>
    Effect.gen(function* () {
      const { all, ref } = yield* stopped
      assert.deepStrictEqual(yield* all, [])
      for (let n = 0; n < 5; n++) yield* ref.tell("Tick", { n })
      assert.deepStrictEqual(
        yield* all,
        [2, 3, 4].map((n) => ({
          actor: "/w",
          tag: "Tick",
          payload: { n },
          reason: "stopped" as const,
          cause: undefined
        }))
      )
    }).pipe(Effect.provide(Layer.provide(ActorSystem.layerWith({ deadLettersMax: 3 }), silence)))
  )

  it.effect("DLQ2: all are counted, by their reason", () =>
    Effect.gen(function* () {
      const { counts, ref } = yield* stopped
      for (let n = 0; n < 2000; n++) yield* ref.tell("Tell", nothing)
      assert.deepStrictEqual(yield* counts, {
        stopped: 2000,
        killed: 0,
        crashed: 0,
        droppedNewest: 0,
        droppedOldest: 0,
        stashFull: 0
      })
    }).pipe(Effect.provide(quiet))
  )

  it.effect("DLQ3: a stream has those from now on", () =>
    Effect.gen(function* () {
      const { ref, stream } = yield* stopped
      yield* ref.tell("Tick", { n: 0 })
      const reading = yield* stream.pipe(
        Stream.take(2),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* ref.tell("Tick", { n: 1 })
      yield* ref.tell("Tick", { n: 2 })
      const payloads = (yield* Fiber.join(reading)).map(({ payload }) => payload)
      assert.deepStrictEqual(payloads, [{ n: 1 }, { n: 2 }])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("DLQ3: a reader that stands still keeps none from another one", () =>
    Effect.gen(function* () {
      const { ref, stream } = yield* stopped
      const still = stream.pipe(
        Stream.mapEffect(() => Effect.never),
        Stream.runDrain
      )
      yield* Effect.forkChild(still, { startImmediately: true })
      const reading = yield* stream.pipe(
        Stream.take(3000),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      for (let n = 0; n < 3000; n++) {
        yield* ref.tell("Tick", { n })
        // The other reader keeps up.
        if (n % 100 === 0) for (let turn = 0; turn < 10; turn++) yield* Effect.yieldNow
      }
      const payloads = (yield* Fiber.join(reading)).map(({ payload }) => payload)
      assert.deepStrictEqual(
        payloads,
        Array.from({ length: 3000 }, (_, n) => ({ n }))
      )
    }).pipe(Effect.provide(quiet))
  )

  it.effect("DLQ5: the payload of a Down is that of its message, or the Down where that died", () =>
    Effect.gen(function* () {
      const { all } = yield* DeadLetters.DeadLetters
      const watchers = [() => ({ why: "gone" }), () => Effect.runSync(Effect.die("no payload"))]
      for (const payload of watchers) {
        const other = yield* Actor.spawn(worker(), { name: "other" })
        const crashing = Behavior.make(
          RpcGroup.make(Rpc.make("Gone", { payload: { why: Schema.String } })),
          ({ watch }) => watch(other, "Gone", payload),
          { Gone: () => Effect.die("bang") }
        )
        const ref = yield* Actor.spawn(crashing)
        yield* Actor.stop(other)
        yield* Watch.awaitDown(ref)
      }
      const [made, died] = (yield* all).map(({ payload }) => payload)
      assert.deepStrictEqual(made, { why: "gone" })
      assert.deepInclude(died, { path: "/other", reason: { _tag: "Stopped" } })
    }).pipe(Effect.provide(quiet))
  )

  it.effect("DLQ4: the first of each actor and reason is logged, the others are not", () => {
    const { lines, provide } = logged()
    return Effect.gen(function* () {
      const { ref } = yield* stopped
      for (let n = 0; n < 100; n++) yield* ref.tell("Tell", nothing)
      const small = yield* Actor.spawn(worker(), { capacity: 1, overflow: "dropNewest", name: "s" })
      for (let n = 0; n < 100; n++) small.tellUnsafe("Tell", nothing)
      assert.deepStrictEqual(lines, [
        "Warn /w will not handle Tell (stopped). More of these are only counted",
        "Warn /s will not handle Tell (droppedNewest). More of these are only counted"
      ])
    }).pipe(Effect.provide(ActorSystem.layer), provide)
  })
})

const silence = Layer.succeed(References.UnhandledLogLevel, undefined)

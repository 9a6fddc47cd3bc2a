import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, Latch, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Actor, ActorSystem } from "@fibra/actors"
import { logged } from "./support/logged.ts"
import { bang, type Context, nothing, worker } from "./support/messages.ts"
import { spawnRestarting } from "./support/restarting.ts"
import { quiet } from "./support/system.ts"

/** An actor that starts again 10 milliseconds after a crash, and the contexts of its incarnations. */
const setup = Effect.gen(function* () {
  const log: Array<string> = []
  const contexts: Array<Context> = []
  const behavior = worker((context) => Effect.sync(() => contexts.push(context)), log)
  const { cell, ref } = yield* spawnRestarting(behavior, 1, { name: "w" })
  const crash = Effect.gen(function* () {
    yield* ref.tell("Tell", bang)
    while (cell.status !== "restarting") yield* Effect.yieldNow
    yield* TestClock.adjust("10 millis")
    yield* ref.ask("Ask", nothing)
  })
  return { cell, contexts, crash, log, ref, system: yield* ActorSystem.ActorSystem }
})

describe("incarnations", () => {
  it.effect("ACT13: a snapshot tells the restarts and the last crash", () =>
    Effect.gen(function* () {
      const { crash } = yield* setup
      yield* crash
      const [actor] = yield* ActorSystem.snapshot
      assert.strictEqual(actor?.restarts, 1)
      assert.strictEqual(Cause.squash(actor?.lastCrash ?? Cause.empty), "bang")
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ACT22: a failing cleanup is logged, without the crash before it, and the rest runs",
    () => {
      const { lines, provide } = logged()
      return Effect.gen(function* () {
        const log: Array<string> = []
        const cleanup = Effect.andThen(
          Effect.addFinalizer(() => Effect.sync(() => void log.push("released"))),
          Effect.addFinalizer(() => Effect.die(new Error("cleanup")))
        ) as Effect.Effect<void>
        const ref = yield* Actor.spawn(
          worker(() => cleanup),
          { name: "w" }
        )
        yield* Effect.ignore(ref.ask("Ask", () => Effect.die(new Error("bang"))))
        const other = yield* Actor.spawn(
          worker(() => cleanup),
          { name: "o" }
        )
        yield* Actor.kill(other)
        assert.deepStrictEqual(log, ["released", "released"])
        assert.deepStrictEqual(lines, [
          "Error /w crashed on Ask: Error: bang",
          "Error The cleanup of /w failed: Error: cleanup",
          "Error The cleanup of /o failed: Error: cleanup"
        ])
      }).pipe(Effect.provide(ActorSystem.layer), provide)
    }
  )

  it.effect("TMR4: what an incarnation had started is over in the next one", () =>
    Effect.gen(function* () {
      const { crash, log, ref, system } = yield* setup
      const other = yield* Actor.spawn(worker(), { name: "other" })
      yield* ref.ask("Ask", ({ receiveTimeout, timer, watch }) =>
        Effect.all([
          timer("t", { every: "1 second" }, "Tick", { n: 1 }),
          receiveTimeout("1 second", "Tick", { n: 2 }),
          watch(other, "Down", ({ path }) => ({ path, reason: "" }))
        ]).pipe(Effect.asVoid)
      )
      yield* crash
      yield* Actor.stop(other)
      yield* TestClock.adjust("1 minute")
      yield* ref.ask("Ask", nothing)
      assert.deepStrictEqual(log, [])
      assert.isAtMost(system.expiries.sleepers, 1, "that of the asks")
    }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR4: and a context that was kept changes nothing in it", () =>
    Effect.gen(function* () {
      const { cell, contexts, crash, log, ref, system } = yield* setup
      yield* crash
      const aside = yield* Effect.forkChild(
        ref.ask("Ask", ({ stash }) => stash),
        { startImmediately: true }
      )
      yield* ref.ask("Ask", nothing)
      const before = system.expiries.sleepers
      const { receiveTimeout, spawn, stop, timer, unstashAll } = contexts[0]!
      yield* stop
      yield* unstashAll
      yield* timer("t", { after: "1 hour" }, "Tick", { n: 1 })
      yield* receiveTimeout("1 hour", "Tick", { n: 2 })
      assert.isTrue((yield* Effect.exit(spawn(worker())))._tag === "Failure")
      assert.strictEqual(system.expiries.sleepers, before)
      assert.strictEqual((yield* ActorSystem.snapshot)[0]?.stashed, 1)
      assert.strictEqual(yield* ref.ask("Ask", nothing), 3)
      assert.strictEqual(cell.status, "running")
      assert.deepStrictEqual(log, [])
      yield* Fiber.interrupt(aside)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR4: nor does one that a cleanup uses", () =>
    Effect.gen(function* () {
      const system = yield* ActorSystem.ActorSystem
      const ref = yield* Actor.spawn(
        worker(
          ({ timer }) =>
            Effect.addFinalizer(() =>
              timer("t", { after: "1 hour" }, "Tick", { n: 1 })
            ) as Effect.Effect<void>
        )
      )
      yield* Actor.stop(ref)
      assert.strictEqual(system.expiries.sleepers, 0)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR5: a receive timeout that is set from outside of a handler begins at once", () =>
    Effect.gen(function* () {
      const { contexts, log } = yield* setup
      yield* contexts[0]!.receiveTimeout("1 second", "Tick", { n: 1 })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(log, ["tick 1"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR5: one that replaces another one takes its message out of the mailbox", () =>
    Effect.gen(function* () {
      const { contexts, log, ref } = yield* setup
      const gate = yield* Latch.make()
      yield* contexts[0]!.receiveTimeout("1 second", "Tick", { n: 1 })
      yield* TestClock.adjust("999 millis")
      // Its time comes, and before its message is handled it is replaced.
      yield* Effect.forkChild(TestClock.adjust("1 millis"))
      while ((yield* ActorSystem.snapshot)[0]?.counts.queued === 0) yield* Effect.yieldNow
      yield* contexts[0]!.receiveTimeout("1 hour", "Tick", { n: 2 })
      yield* gate.open
      yield* ref.ask("Ask", nothing)
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ACT7: a single actor that has ended leaves nothing in its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const ref = yield* Effect.provideService(Actor.spawn(worker()), Scope.Scope, scope)
      yield* Actor.stop(ref)
      assert.strictEqual(scope.state._tag, "Empty")
    }).pipe(Effect.provide(quiet))
  )
})

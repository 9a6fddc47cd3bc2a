import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch } from "effect"
import { TestClock } from "effect/testing"
import { Actor, ActorSystem } from "@fibra/actors"
import { cellOf } from "../src/internal/localRef.ts"
import { type Context, nothing, worker } from "./support/messages.ts"
import { quiet } from "./support/system.ts"

const setup = Effect.gen(function* () {
  const log: Array<string> = []
  const ref = yield* Actor.spawn(worker(undefined, log))
  return { log, ref }
})

/** How many timers and watches an incarnation remembers. */
const sizesOf = (ref: unknown) => {
  const { extra } = cellOf(ref)!.life as unknown as {
    readonly extra: Record<"timers" | "watches", { readonly size: number }>
  }
  return { timers: extra.timers.size, watches: extra.watches.size }
}

describe("timers", () => {
  it.effect("TMR1: a timer sends its message once after its time, or again and again", () =>
    Effect.gen(function* () {
      const { log, ref } = yield* setup
      yield* ref.ask("Ask", ({ timer }) =>
        Effect.andThen(
          timer("once", { after: "1500 millis" }, "Tick", { n: 1 }),
          timer("often", { every: "1 second" }, "Tick", { n: 2 })
        )
      )
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("3001 millis")
      assert.deepStrictEqual(log, ["tick 2", "tick 1", "tick 2", "tick 2", "tick 2"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "TMR2: a timer waits in the mailbox once, always has room there, and keeps its beat",
    () =>
      Effect.gen(function* () {
        const log: Array<string> = []
        const ref = yield* Actor.spawn(worker(undefined, log), { capacity: 1 })
        const gate = yield* Latch.make()
        yield* ref.ask("Ask", ({ timer }) => timer("t", { every: "1 second" }, "Tick", { n: 1 }))
        yield* ref.tell("Tell", () => gate.await)
        yield* Effect.yieldNow
        yield* ref.tell("Tell", nothing)
        yield* TestClock.adjust("3500 millis")
        yield* gate.open
        yield* ref.ask("Ask", nothing)
        assert.deepStrictEqual(log, ["tick 1"])
        yield* TestClock.adjust("500 millis")
        assert.deepStrictEqual(log, ["tick 1", "tick 1"])
      }).pipe(Effect.provide(quiet))
  )

  it.effect.each(["cancelled", "replaced"])(
    "TMR3: nothing comes of a timer that was %s, also when its message waits in the mailbox",
    (how) =>
      Effect.gen(function* () {
        const { log, ref } = yield* setup
        const gate = yield* Latch.make()
        yield* ref.ask("Ask", ({ timer }) => timer("t", { every: "1 second" }, "Tick", { n: 1 }))
        yield* ref.tell("Tell", ({ cancelTimer, timer }) =>
          Effect.andThen(
            gate.await,
            how === "cancelled"
              ? cancelTimer("t")
              : timer("t", { after: "1 minute" }, "Tick", { n: 2 })
          )
        )
        yield* TestClock.adjust("1500 millis")
        assert.strictEqual((yield* ActorSystem.snapshot)[0]?.counts.queued, 2)
        yield* gate.open
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(log, [])
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(log, how === "cancelled" ? [] : ["tick 2"])
      }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR3: the room of a message that was cancelled is for a sender that waits", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker(), { capacity: 1 })
      const [first, last] = [yield* Latch.make(), yield* Latch.make()]
      yield* ref.ask("Ask", ({ timer }) => timer("t", { after: "1 second" }, "Tick", { n: 1 }))
      yield* ref.tell("Tell", ({ cancelTimer }) =>
        first.await.pipe(Effect.andThen(cancelTimer("t")), Effect.andThen(last.await))
      )
      yield* TestClock.adjust("1 second")
      const sending = yield* Effect.forkChild(ref.tell("Tell", nothing), { startImmediately: true })
      yield* Effect.yieldNow
      assert.isUndefined(sending.pollUnsafe())
      yield* first.open
      yield* Fiber.join(sending)
      yield* last.open
      assert.strictEqual(yield* ref.ask("Ask", nothing), 4)
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "TMR4: timers end with their incarnation, and a context that was kept starts none",
    () =>
      Effect.gen(function* () {
        const { log, ref } = yield* setup
        const system = yield* ActorSystem.ActorSystem
        let keep: Effect.Effect<void> = Effect.void
        yield* ref.ask("Ask", ({ timer }) => {
          keep = timer("later", { after: "1 second" }, "Tick", { n: 2 })
          return timer("t", { after: "1 second" }, "Tick", { n: 1 })
        })
        yield* Actor.stop(ref)
        yield* keep
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(log, [])
        assert.strictEqual(system.expiries.sleepers, 0)
      }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR8: timers and watches that are over are forgotten, and the others are not", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      let context: Context | undefined
      const ref = yield* Actor.spawn(worker((own) => Effect.sync(() => void (context = own)), log))
      const { timer, watch } = context!
      yield* timer("late", { after: "1 hour" }, "Tick", { n: 0 })
      const other = yield* Actor.spawn(worker(), { name: "other" })
      yield* watch(other, "Down", ({ path }) => ({ path, reason: "late" }))
      for (let n = 1; n <= 1000; n++) {
        yield* timer(`${n}`, { after: "1 millis" }, "Tick", { n })
        const short = yield* Actor.spawn(worker())
        yield* watch(short, "Down", () => ({ path: "", reason: "" }))
        yield* Actor.stop(short)
        yield* TestClock.adjust("1 millis")
      }
      const { timers, watches } = sizesOf(ref)
      assert.isAtMost(timers, 64)
      assert.isAtMost(watches, 64)
      assert.strictEqual(log.length, 2000)
      yield* Actor.stop(other)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(log.slice(2000), ["/other late", "tick 0"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "TMR5: a receive timeout comes each time that there was nothing to do for so long",
    () =>
      Effect.gen(function* () {
        const { log, ref } = yield* setup
        yield* ref.ask("Ask", ({ receiveTimeout }) => receiveTimeout("1 second", "Tick", { n: 1 }))
        yield* TestClock.adjust("900 millis")
        yield* ref.tell("Tell", nothing)
        yield* TestClock.adjust("900 millis")
        assert.deepStrictEqual(log, [])
        // What the actor does counts as something to do.
        yield* ref.tell("Tell", () => Effect.sleep("10 seconds"))
        yield* TestClock.adjust("10900 millis")
        assert.deepStrictEqual(log, [])
        yield* TestClock.adjust("2100 millis")
        assert.deepStrictEqual(log, ["tick 1", "tick 1", "tick 1"])
      }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "TMR6: an actor that is made with idle stops once it had nothing to do for so long",
    () =>
      Effect.gen(function* () {
        const ref = yield* Actor.spawn(worker(), { idle: "1 minute" })
        yield* TestClock.adjust("59 seconds")
        yield* ref.tell("Tell", nothing)
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual((yield* ActorSystem.snapshot).length, 1)
        yield* TestClock.adjust("1 seconds")
        assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
        assert.strictEqual((yield* Effect.flip(ref.ask("Ask", nothing)))._tag, "ActorStopped")
      }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR6: one that never had anything to do stops as well", () =>
    Effect.gen(function* () {
      yield* Actor.spawn(worker(), { idle: "1 minute" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("TMR7: a timer that repeats without time between is a defect of its handler", () =>
    Effect.gen(function* () {
      const { ref } = yield* setup
      const exit = yield* Effect.exit(
        ref.ask("Ask", ({ timer }) => timer("t", { every: 0 }, "Tick", { n: 1 }))
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.strictEqual((yield* ActorSystem.snapshot).length, 0)
    }).pipe(Effect.provide(quiet))
  )
})

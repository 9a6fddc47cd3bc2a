import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Event, Waits } from "@fibra/tasks"

const start = Effect.forkChild({ startImmediately: true })

describe("Event", () => {
  it.effect("EVT1: await returns at once while the flag is set, else when it is set", () =>
    Effect.gen(function* () {
      const event = yield* Event.make()
      const early = yield* start(event.await)
      assert.isUndefined(early.pollUnsafe())
      assert.isFalse(yield* event.isSet)
      yield* event.set
      yield* Fiber.join(early)
      assert.isTrue(yield* event.isSet)
      yield* event.await
      yield* event.clear
      assert.isFalse(yield* event.isSet)
      const late = yield* start(event.await)
      yield* Effect.yieldNow
      assert.isUndefined(late.pollUnsafe())
    })
  )

  it.effect(
    "EVT2: all who wait go on in order of arrival, also if the flag is cleared at once",
    () =>
      Effect.gen(function* () {
        const event = yield* Event.make()
        const log: Array<number> = []
        const waiters = yield* Effect.forEach([1, 2, 3], (id) =>
          start(
            Effect.andThen(
              event.await,
              Effect.sync(() => log.push(id))
            )
          )
        )
        yield* Effect.andThen(event.set, event.clear)
        yield* Fiber.joinAll(waiters)
        assert.deepStrictEqual(log, [1, 2, 3])
        assert.isFalse(yield* event.isSet)
      })
  )

  it.effect("EVT3: an interrupted waiter leaves the line, and the others stay in it", () =>
    Effect.gen(function* () {
      const waiting = new Set<unknown>()
      const event = yield* Event.make()
      const listener: Waits.Listener = {
        waiting: (fiber) => waiting.add(fiber),
        waited: (fiber) => waiting.delete(fiber)
      }
      const waiters = yield* Effect.forEach(Array.from({ length: 1_000 }), () =>
        start(event.await)
      ).pipe(Effect.provideService(Waits.Observer, listener))
      assert.strictEqual(waiting.size, 1_000)
      yield* Fiber.interruptAll(waiters.filter((_, index) => index % 2 === 0))
      assert.strictEqual(waiting.size, 500)
      yield* event.set
      yield* Fiber.awaitAll(waiters)
      assert.strictEqual(waiting.size, 0)
    })
  )
})

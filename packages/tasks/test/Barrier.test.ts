import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { Barrier } from "@fibra/tasks"

const start = Effect.forkChild({ startImmediately: true })
const broken = (reason: "reset" | "abort") =>
  Exit.fail(new Barrier.BarrierBroken({ barrier: "start line", reason }))

const setup = Effect.gen(function* () {
  const barrier = yield* Barrier.make(3, { name: "start line" })
  return { barrier, arrive: start(barrier.await) }
})

describe("Barrier", () => {
  it.effect("BAR1: all go on when the last one is there, each with the number of its arrival", () =>
    Effect.gen(function* () {
      const { arrive, barrier } = yield* setup
      const early = [yield* arrive, yield* arrive]
      yield* Effect.yieldNow
      assert.isTrue(early.every((fiber) => fiber.pollUnsafe() === undefined))
      assert.strictEqual(yield* barrier.await, 2)
      assert.deepStrictEqual(yield* Effect.forEach(early, Fiber.join), [0, 1])
    })
  )

  it.effect("BAR1: one party meets itself", () =>
    Effect.gen(function* () {
      const barrier = yield* Barrier.make(1)
      assert.deepStrictEqual([yield* barrier.await, yield* barrier.await], [0, 0])
    })
  )

  it.effect("BAR2: after a meeting the next one begins, also before its parties have run", () =>
    Effect.gen(function* () {
      const { arrive } = yield* setup
      const fibers = yield* Effect.forEach(Array.from({ length: 7 }), () => arrive)
      const meetings = yield* Effect.forEach(fibers.slice(0, 6), Fiber.join)
      assert.deepStrictEqual(meetings, [0, 1, 2, 0, 1, 2])
      assert.isUndefined(fibers[6]!.pollUnsafe())
    })
  )

  it.effect("BAR3: who is interrupted is no longer there, and the numbers stay distinct", () =>
    Effect.gen(function* () {
      const { arrive, barrier } = yield* setup
      const gone = yield* arrive
      const second = yield* arrive
      yield* Fiber.interrupt(gone)
      assert.deepStrictEqual(yield* barrier.snapshot, { parties: 3, waiting: 1, aborted: false })
      const third = yield* arrive
      assert.strictEqual(yield* barrier.await, 2)
      assert.deepStrictEqual(yield* Effect.forEach([second, third], Fiber.join), [0, 1])
    })
  )

  it.effect("BAR3: an interrupt after the meeting does not undo it for the others", () =>
    Effect.gen(function* () {
      const { arrive, barrier } = yield* setup
      const [first, second] = [yield* arrive, yield* arrive]
      const third = yield* arrive
      first.interruptUnsafe()
      assert.deepStrictEqual(yield* Effect.forEach([second, third], Fiber.join), [1, 2])
      assert.deepStrictEqual(yield* barrier.snapshot, { parties: 3, waiting: 0, aborted: false })
    })
  )

  it.effect("BAR4: a reset sends away those who wait, and the next meeting can begin", () =>
    Effect.gen(function* () {
      const { arrive, barrier } = yield* setup
      const waiters = [yield* arrive, yield* arrive]
      yield* barrier.reset
      const next = [yield* arrive, yield* arrive, yield* arrive]
      const exits = yield* Effect.forEach(waiters, Fiber.await)
      assert.deepStrictEqual(exits, [broken("reset"), broken("reset")])
      assert.deepStrictEqual(yield* Effect.forEach(next, Fiber.join), [0, 1, 2])
    })
  )

  it.effect("BAR5: an abort sends away all who wait and all who come, until a reset", () =>
    Effect.gen(function* () {
      const { arrive, barrier } = yield* setup
      const waiter = yield* arrive
      yield* barrier.abort
      assert.deepStrictEqual(yield* Fiber.await(waiter), broken("abort"))
      assert.deepStrictEqual(yield* Effect.exit(barrier.await), broken("abort"))
      assert.deepStrictEqual(yield* barrier.snapshot, { parties: 3, waiting: 0, aborted: true })
      yield* barrier.reset
      const next = [yield* arrive, yield* arrive, yield* arrive]
      assert.deepStrictEqual(yield* Effect.forEach(next, Fiber.join), [0, 1, 2])
    })
  )

  it.effect.each([0, -1, 1.5, Number.NaN])(
    "BAR6: a barrier for %d parties is a defect",
    (requested) =>
      Effect.gen(function* () {
        const limit = Number.MAX_SAFE_INTEGER
        const defect = new Barrier.PartiesOutOfRange({ requested, limit })
        assert.deepStrictEqual(yield* Effect.exit(Barrier.make(requested)), Exit.die(defect))
        assert.include(defect.message, "give an integer from 1 to")
      })
  )
})

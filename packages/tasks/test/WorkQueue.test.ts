import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Latch, Option } from "effect"
import { Semaphore, Task, Waits, WorkQueue } from "@fibra/tasks"

const start = Effect.forkChild({ startImmediately: true })
const make = (capacity: number) => WorkQueue.make<number>({ capacity, name: "jobs" })
const shutDown = new WorkQueue.QueueShutdown({ queue: "jobs" })

/** Until nothing is left to run but what waits. */
const settle = Effect.repeat(Effect.yieldNow, { times: 10 })

const sizes = (queue: WorkQueue.WorkQueue<number>) =>
  Effect.map(queue.snapshot, ({ offers, owed, size, takers }) => ({ offers, owed, size, takers }))

describe("WorkQueue", () => {
  it.effect.each([
    ["fifo", [3, 1, 2]],
    ["lifo", [2, 1, 3]]
  ] as const)("WQ1: %s", ([order, expected]) =>
    Effect.gen(function* () {
      const queue = yield* WorkQueue.make<number>({ capacity: 9, order })
      yield* Effect.forEach([3, 1, 2], queue.offer)
      assert.deepStrictEqual(yield* Effect.replicateEffect(queue.take, 3), [...expected])
    })
  )

  it.effect("WQ1: the highest priority first, and the oldest of those with the same", () =>
    Effect.gen(function* () {
      const queue = yield* WorkQueue.make<string>({
        capacity: 9,
        order: "priority",
        priority: (word) => word.length
      })
      yield* Effect.forEach(["a", "ccc", "b", "dd", "eee", ""], queue.offer)
      const taken = yield* Effect.replicateEffect(queue.take, 6)
      assert.deepStrictEqual(taken, ["ccc", "eee", "dd", "a", "b", ""])
    })
  )

  it.effect("WQ2: offers wait while the queue is full, and are admitted in order of arrival", () =>
    Effect.gen(function* () {
      const queue = yield* make(2)
      yield* Effect.forEach([1, 2], queue.offer)
      const waiting = yield* Effect.forEach([3, 4, 5], (item) => start(queue.offer(item)))
      assert.deepStrictEqual(yield* sizes(queue), { size: 2, owed: 0, takers: 0, offers: 3 })
      assert.strictEqual(yield* queue.take, 1)
      yield* settle
      assert.deepStrictEqual(yield* sizes(queue), { size: 2, owed: 1, takers: 0, offers: 2 })
      assert.deepStrictEqual(yield* Effect.replicateEffect(queue.take, 4), [2, 3, 4, 5])
      yield* Fiber.joinAll(waiting)
    })
  )

  it.effect(
    "WQ2: a newcomer cannot come between a take and the offer that waits for its place",
    () =>
      Effect.gen(function* () {
        const queue = yield* make(1)
        yield* queue.offer(1)
        const early = yield* start(queue.offer(2))
        yield* queue.take
        assert.isFalse(yield* queue.tryOffer(3))
        const late = yield* start(queue.offer(3))
        assert.deepStrictEqual(yield* Effect.replicateEffect(queue.take, 2), [2, 3])
        yield* Fiber.joinAll([early, late])
      })
  )

  it.effect("WQ3: takers wait while the queue is empty, and are served in order of arrival", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      const takers = yield* Effect.replicateEffect(start(queue.take), 3)
      yield* Effect.forEach([1, 2, 3], queue.offer)
      assert.deepStrictEqual(yield* Effect.forEach(takers, Fiber.join), [1, 2, 3])
    })
  )

  it.effect("WQ3: a newcomer cannot come between an offer and the taker that waits for it", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      const early = yield* start(queue.take)
      yield* queue.offer(1)
      assert.deepStrictEqual(yield* queue.tryTake, Option.none())
      const late = yield* start(queue.take)
      yield* queue.offer(2)
      assert.deepStrictEqual(yield* Effect.forEach([early, late], Fiber.join), [1, 2])
    })
  )

  it.effect("WQ2, WQ3: nor pass one that was served and did not run yet", () =>
    Effect.gen(function* () {
      const queue = yield* make(2)
      const early = yield* start(queue.take)
      yield* Effect.forEach([1, 2], queue.offer)
      const late = yield* start(queue.take)
      assert.deepStrictEqual(yield* Effect.forEach([early, late], Fiber.join), [1, 2])
      yield* Effect.forEach([3, 4], queue.offer)
      const first = yield* start(queue.offer(5))
      yield* queue.takeBatch(2)
      const second = yield* start(queue.offer(6))
      assert.deepStrictEqual(yield* Effect.replicateEffect(queue.take, 2), [5, 6])
      yield* Fiber.joinAll([first, second])
    })
  )

  it.effect("WQ4: an interrupted taker that was promised an item leaves it to the next", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      const [first, second] = yield* Effect.replicateEffect(start(queue.take), 2)
      yield* queue.offer(1)
      first!.interruptUnsafe()
      yield* settle
      assert.deepStrictEqual(second!.pollUnsafe(), Exit.succeed(1))
      assert.deepStrictEqual(yield* sizes(queue), { size: 0, owed: 1, takers: 0, offers: 0 })
    })
  )

  it.effect("WQ4: without a next one the items stay in the queue, in their order", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      const takers = yield* Effect.replicateEffect(start(queue.take), 3)
      yield* Effect.forEach([1, 2, 3, 4], queue.offer)
      takers.toReversed().forEach((taker) => taker.interruptUnsafe())
      assert.deepStrictEqual(yield* sizes(queue), { size: 4, owed: 0, takers: 0, offers: 0 })
      assert.deepStrictEqual(yield* Effect.replicateEffect(queue.take, 4), [1, 2, 3, 4])
    })
  )

  it.effect("WQ4: an interrupted offer is not in the queue, and its place goes to the next", () =>
    Effect.gen(function* () {
      const queue = yield* make(1)
      yield* queue.offer(1)
      const [waiting, promised] = [yield* start(queue.offer(2)), yield* start(queue.offer(3))]
      const last = yield* start(queue.offer(4))
      yield* Fiber.interrupt(waiting)
      assert.strictEqual(yield* queue.take, 1)
      promised.interruptUnsafe()
      yield* Fiber.join(last)
      assert.strictEqual(yield* queue.take, 4)
      assert.deepStrictEqual(yield* sizes(queue), { size: 0, owed: 2, takers: 0, offers: 0 })
    })
  )

  it.effect("WQ5: tryOffer and tryTake do what offer and take would do without waiting", () =>
    Effect.gen(function* () {
      const queue = yield* make(1)
      assert.deepStrictEqual(yield* queue.tryTake, Option.none())
      assert.isTrue(yield* queue.tryOffer(1))
      assert.isFalse(yield* queue.tryOffer(2))
      assert.deepStrictEqual(yield* queue.tryTake, Option.some(1))
      assert.deepStrictEqual(yield* sizes(queue), { size: 0, owed: 1, takers: 0, offers: 0 })
    })
  )

  it.effect("WQ6: takeBatch waits for one item and takes what else is there, up to its limit", () =>
    Effect.gen(function* () {
      const queue = yield* make(4)
      yield* Effect.forEach([1, 2, 3], queue.offer)
      assert.deepStrictEqual(yield* queue.takeBatch(2), [1, 2])
      assert.deepStrictEqual(yield* queue.takeBatch(2), [3])
      const waiting = yield* start(queue.takeBatch(9))
      yield* Effect.forEach([4, 5, 6], queue.offer)
      assert.deepStrictEqual(yield* Fiber.join(waiting), [4, 5, 6])
      assert.deepStrictEqual(yield* sizes(queue), { size: 0, owed: 6, takers: 0, offers: 0 })
      yield* queue.taskDone(6)
      yield* queue.join
    })
  )

  it.effect("WQ6: it takes nothing that others wait for", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      const batch = yield* start(queue.takeBatch(9))
      const single = yield* start(queue.take)
      yield* Effect.forEach([1, 2, 3], queue.offer)
      assert.deepStrictEqual(yield* Fiber.join(batch), [1, 2])
      assert.strictEqual(yield* Fiber.join(single), 3)
    })
  )

  it.effect("WQ7: join waits until the queue is empty and each item that was taken is done", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      yield* queue.join
      yield* Effect.forEach([1, 2], queue.offer)
      const joins = yield* Effect.replicateEffect(start(queue.join), 2)
      yield* queue.take
      yield* queue.taskDone()
      yield* queue.take
      yield* settle
      assert.isTrue(joins.every((fiber) => fiber.pollUnsafe() === undefined))
      yield* queue.taskDone()
      yield* Fiber.joinAll(joins)
      yield* queue.offer(3)
      const again = yield* start(queue.join)
      yield* settle
      assert.isUndefined(again.pollUnsafe())
      yield* Fiber.interrupt(again)
    })
  )

  it.effect("WQ8: more done than taken fails, counts nothing, and says how many are owed", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      yield* Effect.forEach([1, 2, 3], queue.offer)
      const none = new WorkQueue.TaskDoneUnderflow({ requested: 1, owed: 0 })
      assert.deepStrictEqual(yield* Effect.flip(queue.taskDone()), none)
      yield* queue.takeBatch(2)
      const three = yield* Effect.flip(queue.taskDone(3))
      assert.deepStrictEqual(three, new WorkQueue.TaskDoneUnderflow({ requested: 3, owed: 2 }))
      assert.strictEqual(
        three.message,
        "3 items done of 2 that were taken: call taskDone once for each item"
      )
      assert.strictEqual((yield* queue.snapshot).owed, 2)
      yield* queue.taskDone(2)
    })
  )

  it.effect("WQ9: consume runs each item once, up to its limit at once, until the shutdown", () =>
    Effect.gen(function* () {
      const queue = yield* make(4)
      const done: Array<number> = []
      let [inside, most] = [0, 0]
      const consumer = yield* queue
        .consume(
          (item) =>
            Effect.gen(function* () {
              most = Math.max(most, ++inside)
              yield* Effect.yieldNow
              inside--
              done.push(item)
            }),
          { concurrency: 3 }
        )
        .pipe(start)
      const items = Array.from({ length: 50 }, (_, index) => index)
      yield* Effect.forEach(items, queue.offer)
      yield* queue.join
      assert.deepStrictEqual(
        done.toSorted((a, b) => a - b),
        items
      )
      assert.strictEqual(most, 3)
      yield* queue.shutdown()
      yield* Fiber.join(consumer)
    })
  )

  it.effect("WQ9: an item is done when its run ends, in whatever way", () =>
    Effect.gen(function* () {
      const runs: Array<(item: number) => Effect.Effect<void, string>> = [
        () => Effect.void,
        () => Effect.fail("no"),
        () => Effect.die("no"),
        () => Effect.interrupt,
        () => {
          throw new Error("no")
        }
      ]
      for (const run of runs) {
        const queue = yield* make(4)
        yield* queue.offer(1)
        yield* queue.shutdown()
        yield* Effect.exit(queue.consume(run))
        yield* queue.join
        assert.deepStrictEqual(yield* sizes(queue), { size: 0, owed: 0, takers: 0, offers: 0 })
      }
    })
  )

  it.effect("WQ9: interrupting consume ends its runs, whose items are done; the rest stays", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      yield* Effect.forEach([1, 2, 3], queue.offer)
      const cleaned: Array<number> = []
      const consumer = yield* queue
        .consume(
          (item) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => cleaned.push(item))),
          { concurrency: 2 }
        )
        .pipe(start)
      yield* settle
      yield* Fiber.interrupt(consumer)
      assert.deepStrictEqual(cleaned, [1, 2])
      assert.deepStrictEqual(yield* sizes(queue), { size: 1, owed: 0, takers: 0, offers: 0 })
    })
  )

  it.effect("WQ10: the first failure ends consume, and every cause is in its result", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      yield* Effect.forEach([1, 2, 3, 4], queue.offer)
      const bothRun = yield* Latch.make()
      const run = (item: number): Effect.Effect<void, string> =>
        item === 1
          ? Effect.andThen(bothRun.await, Effect.fail("first"))
          : Effect.onExit(Effect.andThen(bothRun.open, Effect.never), () => Effect.die("cleanup"))
      const exit = yield* Effect.exit(queue.consume(run, { concurrency: 2 }))
      assert.isTrue(Exit.isFailure(exit))
      if (Exit.isFailure(exit)) {
        const errors = exit.cause.reasons.filter((reason) => !Cause.isInterruptReason(reason))
        assert.deepStrictEqual(
          errors.map((reason) => (Cause.isFailReason(reason) ? reason.error : reason.defect)),
          ["first", "cleanup"]
        )
      }
      assert.deepStrictEqual(yield* sizes(queue), { size: 2, owed: 0, takers: 0, offers: 0 })
    })
  )

  it.effect("WQ10: calling taskDone for an item that consume took is told", () =>
    Effect.gen(function* () {
      const queue = yield* make(9)
      yield* queue.offer(1)
      const exit = yield* Effect.exit(queue.consume(() => queue.taskDone()))
      const defect = new WorkQueue.TaskDoneUnderflow({ requested: 1, owed: 0 })
      assert.deepStrictEqual(exit, Exit.die(defect))
    })
  )

  it.effect(
    "WQ11: after a shutdown offers fail, and takers get what is left before they fail",
    () =>
      Effect.gen(function* () {
        const queue = yield* make(2)
        yield* Effect.forEach([1, 2], queue.offer)
        const waiting = yield* start(queue.offer(3))
        assert.strictEqual(yield* queue.shutdown(), 0)
        assert.deepStrictEqual(yield* Fiber.await(waiting), Exit.fail(shutDown))
        assert.deepStrictEqual(yield* Effect.flip(queue.offer(4)), shutDown)
        assert.deepStrictEqual(yield* Effect.flip(queue.tryOffer(4)), shutDown)
        assert.strictEqual(yield* queue.take, 1)
        assert.deepStrictEqual(yield* queue.tryTake, Option.some(2))
        assert.deepStrictEqual(yield* Effect.flip(queue.take), shutDown)
        assert.deepStrictEqual(yield* Effect.flip(queue.tryTake), shutDown)
        assert.deepStrictEqual(yield* Effect.flip(queue.takeBatch(3)), shutDown)
        assert.strictEqual(shutDown.message, 'the queue "jobs" is shut down')
      })
  )

  it.effect("WQ11: takers that wait fail, except those that were promised an item", () =>
    Effect.gen(function* () {
      const queue = yield* make(2)
      const takers = yield* Effect.replicateEffect(start(queue.take), 2)
      yield* queue.offer(1)
      yield* queue.shutdown()
      assert.deepStrictEqual(yield* Effect.forEach(takers, Fiber.await), [
        Exit.succeed(1),
        Exit.fail(shutDown)
      ])
    })
  )

  it.effect("WQ11: an offer that was promised a place fails too, and its item is nowhere", () =>
    Effect.gen(function* () {
      const queue = yield* make(1)
      yield* queue.offer(1)
      const waiting = yield* start(queue.offer(2))
      yield* queue.take
      yield* queue.shutdown()
      assert.deepStrictEqual(yield* Fiber.await(waiting), Exit.fail(shutDown))
      assert.strictEqual((yield* queue.snapshot).size, 0)
    })
  )

  it.effect("WQ12: an immediate shutdown drops and counts what is left, and frees join of it", () =>
    Effect.gen(function* () {
      const queue = yield* make(3)
      yield* Effect.forEach([1, 2, 3], queue.offer)
      const join = yield* start(queue.join)
      assert.strictEqual(yield* queue.shutdown({ immediate: true }), 3)
      yield* Fiber.join(join)
      assert.deepStrictEqual(yield* Effect.flip(queue.take), shutDown)
      assert.strictEqual(yield* queue.shutdown({ immediate: true }), 0)
    })
  )

  it.effect("WQ12: what was taken is still owed", () =>
    Effect.gen(function* () {
      const queue = yield* make(3)
      yield* Effect.forEach([1, 2], queue.offer)
      yield* queue.take
      const join = yield* start(queue.join)
      assert.strictEqual(yield* queue.shutdown({ immediate: true }), 1)
      yield* settle
      assert.isUndefined(join.pollUnsafe())
      yield* queue.taskDone()
      yield* Fiber.join(join)
    })
  )

  it.effect("WQ12: a taker whose promised item is dropped fails", () =>
    Effect.gen(function* () {
      const queue = yield* make(3)
      const [taker, interrupted] = yield* Effect.replicateEffect(start(queue.take), 2)
      yield* Effect.forEach([1, 2], queue.offer)
      assert.strictEqual(yield* queue.shutdown({ immediate: true }), 2)
      interrupted!.interruptUnsafe()
      assert.deepStrictEqual(yield* Fiber.await(taker!), Exit.fail(shutDown))
      yield* queue.join
    })
  )

  it.effect.each([0, -1, 1.5, Number.NaN, Infinity])(
    "WQ13: %d is no count of anything",
    (requested) =>
      Effect.gen(function* () {
        const queue = yield* make(2)
        const calls: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown>]> = [
          ["capacity", WorkQueue.make({ capacity: requested })],
          ["takeBatch", queue.takeBatch(requested)],
          ["taskDone", queue.taskDone(requested)]
        ]
        for (const [of, call] of calls) {
          const limit = Number.MAX_SAFE_INTEGER
          const defect = new WorkQueue.CountOutOfRange({ of, requested, limit })
          assert.deepStrictEqual(yield* Effect.exit(call), Exit.die(defect))
          assert.strictEqual(
            defect.message,
            `${of} is ${requested}: give an integer from 1 to ${limit}`
          )
        }
        const exit = yield* Effect.exit(queue.consume(Effect.succeed, { concurrency: requested }))
        const defect = new Task.InvalidConcurrency({ concurrency: requested })
        assert.deepStrictEqual(exit, Exit.die(defect))
      })
  )

  it.effect("WQ13: an item whose priority is NaN, or cannot be told, is not queued", () =>
    Effect.gen(function* () {
      const queue = yield* WorkQueue.make<number>({
        capacity: 2,
        order: "priority",
        priority: (item) => {
          if (item === 0) throw new Error("no")
          return item
        }
      })
      const exit = yield* Effect.exit(queue.offer(Number.NaN))
      assert.deepStrictEqual(exit, Exit.die(new Semaphore.PriorityNotANumber()))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(queue.tryOffer(0))))
      assert.deepStrictEqual(yield* sizes(queue), { size: 0, owed: 0, takers: 0, offers: 0 })
    })
  )

  it.effect("WQ14: snapshot and observers say what is the case", () =>
    Effect.gen(function* () {
      const waits: Array<string> = []
      const listener: Waits.Listener = {
        waiting: (_, { kind, name }) => waits.push(`${kind} ${name}`),
        waited: () => {}
      }
      const queue = yield* make(1)
      yield* Effect.gen(function* () {
        const taker = yield* start(queue.take)
        yield* Fiber.interrupt(taker)
        yield* queue.offer(1)
        yield* start(queue.join)
        yield* start(queue.offer(2))
      }).pipe(Effect.provideService(Waits.Observer, listener))
      assert.deepStrictEqual(waits, [
        "WorkQueue.take jobs",
        "WorkQueue.join jobs",
        "WorkQueue.offer jobs"
      ])
      yield* queue.shutdown()
      assert.deepStrictEqual(yield* queue.snapshot, {
        capacity: 1,
        size: 1,
        owed: 0,
        takers: 0,
        offers: 0,
        isShutdown: true
      })
    })
  )

  it.effect("WQ15: 10,000 who wait to take, then to offer, pass without nesting the stack", () =>
    Effect.gen(function* () {
      const queue = yield* make(1)
      const ids = Array.from({ length: 10_000 }, (_, index) => index)
      const takers = yield* Effect.forEach(ids, () => start(queue.take))
      yield* Effect.forEach(ids, queue.offer)
      assert.deepStrictEqual(yield* Effect.forEach(takers, Fiber.join), ids)
      const offers = yield* Effect.forEach(ids, (id) => start(queue.offer(id)))
      assert.deepStrictEqual(yield* Effect.forEach(ids, () => queue.take), ids)
      yield* Fiber.joinAll(offers)
    })
  )
})

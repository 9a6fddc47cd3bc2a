import { assert, describe } from "vitest"
import { Effect, Exit, Fiber, References } from "effect"
import { WorkQueue } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amid } from "../support/amid.ts"
import { dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"
import { turns } from "../support/turns.ts"
import { visit } from "../support/visit.ts"

const orders = ["fifo", "lifo", "priority"] as const
const priorityOf = (item: number) => item % 3

/**
 * A queue, and beside it a plain list of what must be in it. What `map` does with the result of an
 * operation is part of its last step: between the two nothing can come.
 */
const setup = Effect.gen(function* () {
  const random = yield* dice
  const capacity = 1 + random.below(3)
  const order = random.pick(orders)
  const queue = yield* WorkQueue.make<number>(
    order === "priority" ? { capacity, order, priority: priorityOf } : { capacity, order }
  )
  const [takers, offerers] = [
    yield* makeLine("WorkQueue.take", "promises"),
    yield* makeLine("WorkQueue.offer", "promises")
  ]
  const items: Array<number> = []
  const counts = { offered: 0, taken: 0, dropped: 0 }
  let isShutdown = false
  let last = 0

  const next = () => {
    if (order !== "priority") return order === "fifo" ? items[0]! : items.at(-1)!
    return items.toSorted((a, b) => priorityOf(b) - priorityOf(a))[0]!
  }
  const offered = (item: number) => {
    counts.offered++
    items.push(item)
    assert.isTrue(items.length <= capacity && !isShutdown)
  }
  const took = (taken: ReadonlyArray<number>) => {
    for (const item of taken) {
      assert.strictEqual(item, next())
      items.splice(items.indexOf(item), 1)
      counts.taken++
    }
  }
  const check = Effect.map(queue.snapshot, ({ owed, size }) => {
    assert.strictEqual(size, items.length)
    assert.strictEqual(owed, counts.taken)
    assert.deepStrictEqual([...takers.ghosts(), ...offerers.ghosts()], [])
    // Who is next waits for an item that is promised to others, or for such a place.
    if (takers.next() !== undefined) assert.isAtMost(size, takers.promised())
    if (offerers.next() !== undefined) assert.isAtLeast(size + offerers.promised(), capacity)
  })

  const offer = () => {
    const item = ++last
    return offerers.asks({ name: `offer ${item}` }, (enter) =>
      Effect.map(queue.offer(item), () => {
        enter()
        offered(item)
      })
    )
  }
  const tryOffer = () => {
    const item = ++last
    return Effect.map(queue.tryOffer(item), (isIn) => (isIn ? offered(item) : undefined))
  }
  const taking = <A>(
    take: Effect.Effect<A, WorkQueue.QueueShutdown>,
    toItems: (taken: A) => ReadonlyArray<number>
  ) =>
    takers.asks({ name: `taker ${++last}` }, (enter) =>
      Effect.map(take, (taken) => {
        enter()
        took(toItems(taken))
      })
    )
  const take = () => taking(queue.take, (item) => [item])
  const takeBatch = () => taking(queue.takeBatch(1 + random.below(3)), (batch) => batch)
  const tryTake = () =>
    Effect.map(queue.tryTake, (taken) => (taken._tag === "Some" ? took([taken.value]) : undefined))
  const shutdown = (immediate: boolean) =>
    Effect.map(queue.shutdown({ immediate }), (dropped) => {
      isShutdown = true
      counts.dropped += dropped
      if (immediate) assert.strictEqual(items.splice(0).length, dropped)
    })
  // Time passes when nobody can go on: who is left over then gets nothing any more.
  const closing = Effect.gen(function* () {
    yield* Effect.sleep("1 second")
    yield* check
    const { offers, size, takers } = yield* queue.snapshot
    if (takers > 0) assert.strictEqual(size, 0)
    if (offers > 0) assert.strictEqual(size, capacity)
    yield* shutdown(false)
  })
  /** What holds in the end. */
  const ended = Effect.map(queue.snapshot, (end) => {
    assert.deepStrictEqual([...takers.overtakers(), ...offerers.overtakers()], [])
    assert.strictEqual(counts.offered, counts.taken + counts.dropped + end.size)
    assert.include(end, { takers: 0, offers: 0, owed: counts.taken })
  })
  const requests = { offer, tryOffer, take, takeBatch, tryTake }
  return {
    ...random,
    capacity,
    check,
    closing,
    counts,
    ended,
    offerers,
    queue,
    requests,
    shutdown,
    takers
  }
})

const nobody = { takers: 0, offers: 0 }

describe("WorkQueue", () => {
  it.sim("WQ1, WQ2, WQ3, WQ4, WQ5, WQ6, WQ7, WQ11, WQ12: all at once, with interrupts", () =>
    Effect.gen(function* () {
      const { below, check, closing, ended, pick, queue, random, requests, shutdown } = yield* setup
      // In some runs most want to take, in others most want to offer.
      const greed = random()
      const request = () => {
        const { offer, take, takeBatch, tryOffer, tryTake } = requests
        return pick(
          random() < greed ? [take, take, takeBatch, tryTake] : [offer, offer, tryOffer]
        )()
      }
      const tasks = Array.from({ length: 3 + below(6) }, () =>
        Effect.asVoid(Effect.all(Array.from({ length: 1 + below(4) }, request)))
      )
      if (random() < 0.5) tasks.splice(below(tasks.length), 0, shutdown(random() < 0.5))
      const running = yield* Effect.forkChild(storm(tasks, check))
      yield* closing
      yield* Fiber.join(running)
      yield* ended
      const { owed } = yield* queue.snapshot
      const joiner = yield* Effect.forkChild(queue.join, { startImmediately: true })
      if (owed > 0) yield* queue.taskDone(owed)
      yield* shutdown(true)
      yield* Fiber.join(joiner)
    })
  )

  it.sim("WQ2, WQ3, WQ4, WQ11: what is promised is kept, or passed on", () =>
    Effect.gen(function* () {
      const { below, capacity, closing, ended, pick, requests, shutdown } = yield* setup
      const [wait, serve] = pick([
        [requests.take, requests.offer],
        [requests.offer, requests.take]
      ])
      const fill = wait === requests.offer ? capacity : 0
      for (let count = 0; count < fill; count++) yield* requests.offer()
      const start = () => Effect.forkChild(wait(), { startImmediately: true })
      const waiters: Array<Fiber.Fiber<unknown, unknown>> = []
      for (let count = 2 + below(3); count > 0; count--) waiters.push(yield* start())
      // All in one fiber, so that it is done before those who are woken go on.
      const burst = Effect.gen(function* () {
        for (let count = 1 + below(capacity); count > 0; count--) yield* serve()
        for (const waiter of waiters) if (below(3) === 0) waiter.interruptUnsafe()
        if (below(2) === 0) yield* wait()
        if (below(3) === 0) yield* shutdown(below(2) === 0)
      })
      yield* Effect.all([closing, Effect.ignore(burst)], { concurrency: 2 })
      const exits = yield* Fiber.awaitAll(waiters)
      assert.deepStrictEqual(exits.filter(Exit.hasDies), [])
      yield* ended
    })
  )

  it.sim(
    "WQ1: 300 items of 20 priorities come out in order",
    () =>
      Effect.gen(function* () {
        const { below, random } = yield* dice
        const queue = yield* WorkQueue.make<{ readonly priority: number; readonly id: number }>({
          capacity: 300,
          order: "priority",
          priority: ({ priority }) => priority
        })
        const left: Array<{ readonly priority: number; readonly id: number }> = []
        for (let id = 0; id < 300; id++) {
          const item = { priority: below(20), id }
          left.push(item)
          yield* queue.offer(item)
          if (random() < 0.7) continue
          const next = left.toSorted((a, b) => b.priority - a.priority)[0]!
          assert.strictEqual(yield* queue.take, next)
          left.splice(left.indexOf(next), 1)
        }
        assert.strictEqual((yield* queue.snapshot).size, left.length)
      }),
    { seeds: 10 }
  )

  it.sim("WQ7, WQ9, WQ10: consumers that fail or are interrupted leave nothing owed", () =>
    Effect.gen(function* () {
      const { below, random } = yield* dice
      const queue = yield* WorkQueue.make<number>({ capacity: 1 + below(3) })
      const [count, concurrency] = [below(12), 1 + below(3)]
      const seen: Array<number> = []
      let inside = 0
      const f = (item: number) => {
        const enter = () => {
          seen.push(item)
          assert.isAtMost(++inside, concurrency)
        }
        const leave = () => void inside--
        return visit({ enter, leave, check: Effect.void, stays: below(3), fails: random() < 0.2 })
      }
      const consume = Effect.exit(queue.consume(f, { concurrency }))
      const offers = Effect.forEach(Array.from({ length: count }), (_, item) => queue.offer(item))
      const producer = yield* offers.pipe(
        Effect.andThen(queue.join),
        Effect.tap(Effect.sync(() => assert.strictEqual(inside, 0))),
        Effect.andThen(queue.shutdown()),
        Effect.forkChild
      )
      while (producer.pollUnsafe() === undefined) {
        const consumer = yield* Effect.forkChild(consume)
        if (random() < 0.3) {
          yield* turns(below(10))
          consumer.interruptUnsafe()
        }
        yield* Fiber.await(consumer)
        assert.strictEqual(inside, 0)
      }
      yield* Fiber.join(producer)
      assert.include(yield* queue.snapshot, { ...nobody, owed: 0, size: 0 })
      assert.strictEqual(new Set(seen).size, seen.length)
      // What an interrupted consumer cannot say any more is logged.
    }).pipe(Effect.provideService(References.UnhandledLogLevel, undefined))
  )

  it.sim.everyCancel.each(["offer", "take", "takeBatch"] as const)(
    "WQ4: %s that is interrupted at any moment leaves no trace",
    (name) => () =>
      Effect.gen(function* () {
        const { below, closing, counts, offerers, pick, queue, requests, takers } = yield* setup
        const [same, other] =
          name === "offer" ? [requests.offer, requests.take] : [requests.take, requests.offer]
        const before = Array.from({ length: below(5) }, same)
        const after = Array.from({ length: 1 + below(3) }, () => pick([same, other, other])())
        const snapshot = Effect.map(queue.snapshot, ({ size }) => ({
          lost: counts.offered - counts.taken - size,
          waiting: [offerers.next(), takers.next()]
        }))
        const task = Effect.ignore(requests[name]())
        return yield* amid({ before, task, after: [...after, closing], snapshot })
      }),
    { seeds: 4 }
  )

  it.sim.everyCancel.each(["consume", "join"] as const)(
    "WQ7, WQ9: %s that is interrupted at any moment leaves no trace",
    (name) => () =>
      Effect.gen(function* () {
        const { below } = yield* dice
        const queue = yield* WorkQueue.make<number>({ capacity: 1 + below(2) })
        const consume = queue.consume(() => turns(below(3)), { concurrency: 1 + below(2) })
        const others = Array.from({ length: 1 + below(3) }, (_, item) => queue.offer(item))
        const closing = Effect.andThen(Effect.sleep("1 second"), queue.shutdown())
        const snapshot = Effect.map(queue.snapshot, (snapshot) => ({
          ...snapshot,
          isShutdown: true
        }))
        const task = { consume, join: queue.join }[name]
        return yield* amid({ before: others, task, after: [consume, closing], snapshot })
      }),
    { seeds: 4 }
  )
})

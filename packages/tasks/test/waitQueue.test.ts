import { assert, describe, it as base } from "@effect/vitest"
import { Effect } from "effect"
import { Waits } from "@fibra/tasks"
import { withSim } from "@fibra/testing/Vitest"
import * as WaitQueue from "../src/internal/waitQueue.ts"
import { dice } from "./support/dice.ts"

const it = withSim(base)

// A waiter whose links count each time they are read or written, and a comparison that counts: with
// them a test sees every step that the queue takes, without a clock.
const setup = Effect.withFiberSucceed((fiber) => {
  const steps = { taken: 0 }
  const queue = WaitQueue.make(Waits.resource({ kind: "Test" }), (a, b) => {
    steps.taken++
    return a.priority > b.priority
  })
  const counted = (priority = 0): WaitQueue.Waiter => {
    const waiter = WaitQueue.waiter(fiber, () => {}, Effect.void, 1, priority)
    const links = { previous: waiter.previous, next: waiter.next }
    const step = (name: "previous" | "next") => ({
      get: () => {
        steps.taken++
        return links[name]
      },
      set: (to: WaitQueue.Waiter | undefined) => {
        steps.taken++
        links[name] = to
      }
    })
    return Object.defineProperties(waiter, { previous: step("previous"), next: step("next") })
  }
  /** The most steps that any of these calls takes. */
  const most = <A>(items: ReadonlyArray<A>, call: (item: A) => void) => {
    let most = 0
    for (const item of items) {
      const before = steps.taken
      call(item)
      most = Math.max(most, steps.taken - before)
    }
    return most
  }
  return { queue, counted, most, steps }
})

/** In an order that has nothing to do with the first. */
const shuffled = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> =>
  items.map((_, index) => items[(index * 7919) % items.length]!)

describe("waitQueue", () => {
  it.effect("SEM10: joining, serving and leaving take as few steps at 64k waiters as at 1k", () =>
    Effect.gen(function* () {
      const steps = [] as Array<ReadonlyArray<number>>
      for (const waiters of [1_000, 64_000]) {
        const { counted, most, queue } = yield* setup
        const arrivals = Array.from({ length: waiters }, () => counted())
        const joined = most(arrivals, queue.push)
        const leavers = shuffled(arrivals).slice(0, waiters / 2)
        const left = most(leavers, queue.remove)
        const served = most(leavers, () => queue.remove(queue.first!))
        assert.strictEqual(queue.size, 0)
        steps.push([joined, left, served])
      }
      assert.deepStrictEqual(steps[1], steps[0])
      assert.isBelow(Math.max(...steps[0]!), 8)
    })
  )

  it.effect(
    "SEM10: with a priority for each of 64k waiters a step count grows like a logarithm",
    () =>
      Effect.gen(function* () {
        const { counted, most, queue } = yield* setup
        const arrivals = Array.from({ length: 64_000 }, (_, index) => counted(index + 1))
        const joined = most(shuffled(arrivals), queue.push)
        const leavers = shuffled(arrivals).slice(0, 32_000)
        const left = most(leavers, queue.remove)
        const served = most(leavers, () => queue.remove(queue.first!))
        assert.strictEqual(queue.size, 0)
        // 16 levels, at most two comparisons and a few links on each.
        assert.isBelow(Math.max(joined, left, served), 64)
      })
  )

  it.effect("SEM7: serves the highest priority first, and equal ones in order of arrival", () =>
    Effect.gen(function* () {
      const { counted, queue } = yield* setup
      const priorities = [0, 2, -1, 0, 2, 7, -1, Infinity, -Infinity, 0]
      const arrivals = priorities.map((priority) => counted(priority))
      arrivals.forEach(queue.push)
      const served: Array<number> = []
      while (queue.first !== undefined) {
        served.push(arrivals.indexOf(queue.first))
        queue.remove(queue.first)
      }
      assert.deepStrictEqual(served, [7, 5, 1, 4, 0, 3, 9, 2, 6, 8])
    })
  )

  it.sim(
    "SEM7: whoever comes and leaves, in any mix, the first is the highest and longest there",
    () =>
      Effect.gen(function* () {
        const { below, pick, random } = yield* dice
        const { counted, queue } = yield* setup
        const model: Array<WaitQueue.Waiter> = []
        for (let step = 0; step < 300; step++) {
          if (random() < 0.6) {
            const waiter = counted(below(200) - 100)
            queue.push(waiter)
            const behind = model.findIndex(({ priority }) => priority < waiter.priority)
            model.splice(behind === -1 ? model.length : behind, 0, waiter)
          } else if (model.length > 0) {
            const leaver = pick(model)
            queue.remove(leaver)
            model.splice(model.indexOf(leaver), 1)
          }
          assert.isTrue(queue.first === model[0])
        }
      })
  )

  it.effect("SEM7: leaving from any place keeps the order of the others", () =>
    Effect.gen(function* () {
      const { counted, queue } = yield* setup
      const arrivals = Array.from({ length: 500 }, (_, index) =>
        counted(((index * 7919) % 300) - 150)
      )
      arrivals.forEach(queue.push)
      const leavers = new Set(shuffled(arrivals).slice(0, 300))
      leavers.forEach(queue.remove)
      const served: Array<WaitQueue.Waiter> = []
      while (queue.first !== undefined) {
        served.push(queue.first)
        queue.remove(queue.first)
      }
      const stayed = arrivals.filter((waiter) => !leavers.has(waiter))
      assert.deepStrictEqual(
        served.map((waiter) => arrivals.indexOf(waiter)),
        stayed.toSorted((a, b) => b.priority - a.priority).map((waiter) => arrivals.indexOf(waiter))
      )
      assert.deepStrictEqual(queue.toArray(), [])
    })
  )
})

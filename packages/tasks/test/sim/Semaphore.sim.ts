import { assert, describe } from "vitest"
import { Effect, Exit } from "effect"
import { Semaphore } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amid } from "../support/amid.ts"
import { type Dice, dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"

/** Requests of random sizes and priorities, some of them as attempts. */
const requestsOf = ({ below, random }: Dice, total: number, most = 12) =>
  Array.from({ length: 3 + below(most - 2) }, (_, index) => ({
    name: `task ${index}`,
    need: 1 + below(total),
    priority: random() < 0.3 ? below(3) - 1 : 0,
    isAttempt: random() < 0.15,
    turns: below(3),
    fails: random() < 0.2
  }))

describe("Semaphore", () => {
  it.sim("SEM1, SEM2, SEM4, SEM7: under requests and interrupts", () =>
    Effect.gen(function* () {
      const random = yield* dice
      const total = 1 + random.below(5)
      const semaphore = yield* Semaphore.make(total)
      const line = yield* makeLine("Semaphore")
      let inside = 0
      const check = Effect.map(semaphore.snapshot, ({ free, holders }) => {
        const held = holders.reduce((sum, { permits }) => sum + permits, 0)
        assert.strictEqual(held + free, total)
        // The next one waits because it does not fit, and for no other reason.
        assert.isTrue((line.next()?.need ?? Infinity) > free)
      })
      const tasks = requestsOf(random, total).map(({ fails, isAttempt, turns, ...request }) =>
        line.asks(request, (enter) => {
          const body = Effect.acquireUseRelease(
            Effect.andThen(
              enter,
              Effect.sync(() => assert.isAtMost((inside += request.need), total))
            ),
            () =>
              Effect.andThen(
                Effect.repeat(Effect.andThen(Effect.yieldNow, check), { times: turns }),
                fails ? Effect.fail("no") : Effect.void
              ),
            () => Effect.sync(() => void (inside -= request.need))
          )
          return isAttempt
            ? semaphore.tryWithPermits(request.need)(body)
            : semaphore.withPermits(request.need, request)(body)
        })
      )
      const struck = yield* storm(tasks)
      assert.deepStrictEqual(line.overtakers(), [])
      for (const { exit, wasHit } of struck) assert.isTrue(wasHit || !Exit.hasInterrupts(exit))
      const { holders, ...rest } = yield* semaphore.snapshot
      assert.deepStrictEqual(holders, [])
      assert.deepStrictEqual(rest, { permits: total, free: total, waiting: 0 })
    })
  )

  it.sim.everyCancel("SEM4: a waiter that is interrupted at any moment leaves no trace", () =>
    Effect.gen(function* () {
      const random = yield* dice
      const total = 1 + random.below(3)
      const semaphore = yield* Semaphore.make(total)
      const [mine, ...others] = requestsOf(random, total, 5).map(({ need, turns, ...options }) =>
        semaphore.withPermits(need, options)(Effect.repeat(Effect.yieldNow, { times: turns }))
      )
      return yield* amid({ others, task: mine!, snapshot: semaphore.snapshot })
    })
  )
})

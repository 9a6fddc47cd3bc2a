import { assert, describe } from "vitest"
import { Effect } from "effect"
import { Lock, Task } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amidAny } from "../support/amid.ts"
import { type Dice, dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"
import { turns } from "../support/turns.ts"
import { visit } from "../support/visit.ts"

const requestsOf = ({ below, random }: Dice, most: number) =>
  Array.from({ length: 2 + below(most - 1) }, (_, index) => {
    const isAttempt = random() < 0.2
    const name = `${isAttempt ? "attempt" : "task"} ${index}`
    return { name, isAttempt, stays: below(3), fails: random() < 0.2 }
  })

const unheld = { owner: undefined, waiting: 0 }

describe("Lock", () => {
  it.sim("LCK1, LCK2, LCK3, LCK5: bodies and interrupts, in any order", () =>
    Effect.gen(function* () {
      const requests = requestsOf(yield* dice, 12)
      const [lock, line] = [yield* Lock.make(), yield* makeLine("Lock")]
      let inside: string | undefined
      const check = Effect.map(lock.snapshot, ({ owner }) => {
        assert.isTrue(inside === undefined || inside === owner)
        // Nobody waits for a free lock.
        assert.isTrue(owner !== undefined || line.next() === undefined)
        assert.deepStrictEqual(line.ghosts(), [])
      })
      const tasks = requests.map(({ fails, isAttempt, name, stays }) =>
        line.asks({ name }, (entered) => {
          const enter = () => {
            entered()
            assert.isUndefined(inside)
            inside = name
          }
          const body = visit({ enter, check, leave: () => (inside = undefined), stays, fails })
          return Task.named(name)(isAttempt ? lock.tryWithLock(body) : lock.withLock(body))
        })
      )
      yield* storm(tasks, check)
      assert.deepStrictEqual(line.overtakers(), [])
      assert.notInclude(line.waiters().join(), "attempt")
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.sim.everyCancel("LCK3: a waiter that is interrupted at any moment leaves no trace", () =>
    Effect.gen(function* () {
      const lock = yield* Lock.make()
      const tasks = requestsOf(yield* dice, 5).map(({ stays }) => lock.withLock(turns(stays)))
      return yield* amidAny(tasks, lock.snapshot)
    })
  )
})

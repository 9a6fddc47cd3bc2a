import { assert, describe } from "vitest"
import { Effect } from "effect"
import { Event } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amid } from "../support/amid.ts"
import { dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"

describe("Event", () => {
  it.sim("EVT1, EVT2, EVT3: waiters, sets, clears and interrupts, in any order", () =>
    Effect.gen(function* () {
      const { below, random } = yield* dice
      const [event, line] = [yield* Event.make(), yield* makeLine("Event")]
      let [isSet, sets] = [false, 0]
      const set = Effect.map(event.set, () => {
        isSet = true
        sets++
        // All who waited may go on.
        assert.isUndefined(line.next())
      })
      const clear = Effect.map(event.clear, () => void (isSet = false))
      const check = Effect.sync(() => assert.deepStrictEqual(line.ghosts(), []))
      const flips = Effect.forEach(Array.from({ length: below(6) }), () =>
        Effect.andThen(random() < 0.5 ? set : clear, Effect.yieldNow)
      )
      const waiters = Array.from({ length: 2 + below(10) }, (_, index) =>
        line.asks({ name: `task ${index}` }, (enter) => {
          const before = isSet ? sets - 1 : sets
          return Effect.map(event.await, () => {
            enter()
            assert.isAbove(sets, before)
          })
        })
      )
      yield* Effect.all([storm(waiters, check), Effect.andThen(flips, set)], { concurrency: 2 })
      assert.deepStrictEqual(line.overtakers(), [])
    })
  )

  it.sim.everyCancel("EVT3: a waiter that is interrupted at any moment leaves no trace", () =>
    Effect.gen(function* () {
      const { below } = yield* dice
      const [event, line] = [yield* Event.make(), yield* makeLine("Event")]
      const [task, ...before] = Array.from({ length: 1 + below(4) }, (_, index) =>
        line.asks({ name: `task ${index}` }, () => event.await)
      )
      const snapshot = Effect.sync(line.ghosts)
      return yield* amid({ before, task: task!, after: [event.set], snapshot })
    })
  )
})

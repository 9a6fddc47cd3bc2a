import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { Simulation } from "@fibra/testing"

/** Four tasks that take turns. */
const fourTasks = Effect.gen(function* () {
  const log: Array<string> = []
  const task = (name: string) =>
    Effect.forEach([1, 2, 3], () =>
      Effect.andThen(
        Effect.sync(() => log.push(name)),
        Effect.sleep(10)
      )
    )
  yield* Effect.forEach(["a", "b", "c", "d"], task, { concurrency: 4, discard: true })
  return log.join("")
})

describe("Simulation", () => {
  it.effect("SIM1: the same seed gives the same schedule", () =>
    Effect.gen(function* () {
      const first = yield* Simulation.run(fourTasks, { seed: 7 })
      assert.isTrue(Exit.isSuccess(first.exit))
      for (let round = 0; round < 100; round++) {
        const { exit, steps, traceHash } = yield* Simulation.run(fourTasks, { seed: 7 })
        assert.deepStrictEqual([exit, steps, traceHash], [first.exit, first.steps, first.traceHash])
      }
    })
  )

  it.effect("SIM2: a thousand seeds give more than 500 schedules of four tasks", () =>
    Effect.gen(function* () {
      const { runs, schedules } = yield* Simulation.explore(fourTasks, { seeds: 1000 })
      assert.strictEqual(runs, 1000)
      assert.isAbove(schedules, 500)
    })
  )
})

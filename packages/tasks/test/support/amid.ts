/** One task amid others, for `it.sim.everyCancel`: whatever happens to it, the others must all end. */
import { Effect, Exit, Fiber } from "effect"
import { assert } from "vitest"
import { dice } from "./dice.ts"
import { turns } from "./turns.ts"

type Task = Effect.Effect<unknown, unknown>

/**
 * The plan of a test in which `task` is interrupted. The others begin before it, or while it runs.
 * `snapshot` is of the thing that they share, taken when nobody uses it: before all, and after.
 */
export const amid = (options: {
  readonly others: ReadonlyArray<Task>
  readonly task: Task
  readonly snapshot: Effect.Effect<unknown>
}) =>
  Effect.gen(function* () {
    const { below } = yield* dice
    const scope = yield* Effect.scope
    const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
    const start = Effect.forEach(options.others, (other) => {
      const delay = below(6)
      const later = Effect.andThen(turns(delay), other)
      const fork = Effect.forkIn(later, scope, { startImmediately: delay < 3 })
      return Effect.map(fork, (fiber) => void fibers.push(fiber))
    })
    const ended = Effect.map(
      Effect.suspend(() => Fiber.awaitAll(fibers)),
      (exits) => exits.forEach((exit) => assert.isFalse(Exit.hasDies(exit), String(exit)))
    )
    return {
      program: Effect.andThen(Effect.uninterruptible(start), options.task),
      observe: Effect.andThen(ended, options.snapshot)
    }
  })

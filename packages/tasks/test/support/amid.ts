/** One task amid others, for `it.sim.everyCancel`: whatever happens to it, the others must all end. */
import { Effect, Exit, Fiber } from "effect"
import { assert } from "vitest"
import { dice } from "./dice.ts"
import { turns } from "./turns.ts"

type Task = Effect.Effect<unknown, unknown>

/**
 * The plan of a test in which `task` is interrupted. Some others begin before it, the rest while it
 * runs. `snapshot` is of the thing that they share, taken when nobody uses it: before all, and after.
 */
export const amid = (options: {
  readonly before: ReadonlyArray<Task>
  readonly task: Task
  readonly after: ReadonlyArray<Task>
  readonly snapshot: Effect.Effect<unknown>
}) =>
  Effect.gen(function* () {
    const { below } = yield* dice
    const scope = yield* Effect.scope
    const fibers: Array<Fiber.Fiber<unknown, unknown>> = []
    const start = (other: Task) =>
      Effect.map(Effect.forkIn(other, scope, { startImmediately: true }), (fiber) =>
        fibers.push(fiber)
      )
    const later = (other: Task) => Effect.andThen(turns(1 + below(8)), other)
    const startAll = Effect.forEach([...options.before, ...options.after.map(later)], start)
    const ended = Effect.map(
      Effect.suspend(() => Fiber.awaitAll(fibers)),
      (exits) => exits.forEach((exit) => assert.isFalse(Exit.hasDies(exit), String(exit)))
    )
    return {
      program: Effect.andThen(Effect.uninterruptible(startAll), options.task),
      observe: Effect.andThen(ended, options.snapshot)
    }
  })

/** The same for any one of these tasks. */
export const amidAny = (tasks: ReadonlyArray<Task>, snapshot: Effect.Effect<unknown>) =>
  Effect.flatMap(dice, ({ below }) => {
    const place = below(tasks.length)
    const [before, after] = [tasks.slice(0, place), tasks.slice(place + 1)]
    return amid({ before, task: tasks[place]!, after, snapshot })
  })

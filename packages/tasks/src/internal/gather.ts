/** Runs a list of effects and gives their values, or their exits: the core of `Task.gather`. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Causes from "./causes.ts"
import * as FanOut from "./fanOut.ts"
import * as Unreported from "./unreported.ts"

/** In argument order. */
export type Listed = ReadonlyArray<unknown>

/** The values; the first failure ends the run, and all causes are in the failure. */
export const failFast = <A, E, R>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  concurrency: number
): Effect.Effect<Listed, E, R> =>
  Effect.suspend(() => {
    const values: Array<A> = []
    values.length = effects.length
    let first: Exit.Failure<A, E> | undefined
    return FanOut.run<A, E, R, Listed, E>(effects, {
      kind: "Task.gather",
      concurrency,
      onExit: (exit, index) => {
        if (exit._tag === "Success") {
          values[index] = exit.value
          return false
        }
        first ??= exit
        return true
      },
      result: (failures) =>
        first === undefined
          ? Exit.succeed(values)
          : Exit.failCause(Causes.firstThenErrors(first, failures)),
      abandon: (interrupt, failures) =>
        Unreported.failInterrupted(interrupt, Causes.errors(failures))
    })
  })

/** The exits, of whatever kind. */
export const settle = <A, E, R>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  concurrency: number
): Effect.Effect<Listed, never, R> =>
  Effect.suspend(() => {
    const exits: Array<Exit.Exit<A, E>> = []
    exits.length = effects.length
    return FanOut.run<A, E, R, Listed, never>(effects, {
      kind: "Task.gather",
      concurrency,
      onExit: (exit, index) => {
        exits[index] = exit
        return false
      },
      result: () => Exit.succeed(exits),
      abandon: (interrupt, failures, before) =>
        Unreported.failInterruptedWithData("gather", interrupt, failures, before)
    })
  })

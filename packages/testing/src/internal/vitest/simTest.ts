/** The body of `it.sim`: a program under one seed after another. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { LeftBehind } from "../../Leaks.ts"
import * as Simulation from "../../Simulation.ts"
import type { Environment, Replay } from "./environment.ts"
import type { SimFailure } from "./report.ts"

export interface Options {
  /** Seeds 1 to this number are run. */
  readonly seeds?: number
  readonly preemption?: number
  readonly order?: "any" | "scheduled"
  readonly stepsMax?: number
}

export type Program = Effect.Effect<unknown, unknown, Scope.Scope>

/** Runs the program under all seeds, or once as the environment says. Fails with the first failure. */
export const run = (
  program: () => Program,
  options: Options,
  seedsDefault: number,
  { replay, seeds }: Environment
): Effect.Effect<void, SimFailure> => {
  const whole = Effect.scoped(Effect.suspend(program))
  if (replay !== undefined) {
    return Effect.flatMap(Simulation.run(whole, { ...options, seed: replay.token }), (result) => {
      const cause = causeOf(result)
      if (cause === undefined) return Effect.void
      return Effect.fail({ failed: toFailed(replay, result, cause), replay, where: undefined })
    })
  }
  const exploring = { ...options, seeds: seeds ?? options.seeds ?? seedsDefault, failure: causeOf }
  return Simulation.explore(whole, exploring).pipe(
    Effect.asVoid,
    Effect.mapError((failed) => {
      const replay = { token: failed.token, interruptAt: undefined }
      return { failed, replay, where: undefined }
    })
  )
}

/** A failure of a single run, as one of an exploration. */
export const toFailed = (
  { token }: Replay,
  { schedule, virtualTime }: Simulation.Result<unknown, unknown>,
  cause: Cause.Cause<unknown>
): Simulation.ScheduleFailed =>
  new Simulation.ScheduleFailed({
    token,
    seed: Number.parseInt(token),
    cause,
    virtualTime,
    switches: schedule,
    isRepeatable: true
  })

/** Why a run counts as a failure: how it ended, or what it left behind. */
export const causeOf = (
  result: Simulation.Result<unknown, unknown>
): Cause.Cause<unknown> | undefined => {
  if (Exit.isFailure(result.exit)) return result.exit.cause
  const { fibers, timers } = result.leftovers
  return fibers.length + timers.length === 0
    ? undefined
    : Cause.die(new LeftBehind({ fibers, timers }))
}

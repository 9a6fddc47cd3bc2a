/**
 * Runs an unmodified program in many orders, each of which a seed repeats, on a clock that never waits.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Decisions from "./internal/decisions.ts"
import * as Simulate from "./internal/simulate.ts"

/**
 * What one run is made with.
 *
 * @since 0.1.0
 */
export interface Options {
  /** A number, or what a failure printed: `"17"`, `"17:p2.5"`. */
  readonly seed: number | string
  /** The chance of a pause before each operation, 0 to 1. Default: one of a few, by the seed. */
  readonly preemption?: number | undefined
  /** The order of tasks that can run: `"any"` (default), or `"scheduled"`, where only pauses vary. */
  readonly order?: "any" | "scheduled" | undefined
  /** Operations of all fibers after which the program counts as a livelock. Default 5,000,000. */
  readonly stepsMax?: number | undefined
  /**
   * Interrupts the program at its n-th suspension, counted from 1: when nothing runs, for the n-th
   * time. A result says how many there are; past the last one nothing happens.
   */
  readonly interruptAt?: number | undefined
}

/**
 * What a run has come to.
 *
 * @since 0.1.0
 */
export interface Result<A, E> {
  /** How the program ended. A deadlock is the defect {@link Deadlocked}, a livelock {@link StepLimitExceeded}. */
  readonly exit: Exit.Exit<A, E>
  /** Operations of all fibers up to that end. */
  readonly steps: number
  /** The time that passed on the program's clock, which starts at 0. */
  readonly virtualTime: Duration.Duration
  /** Which fiber ran when: equal for equal schedules, in another process too. */
  readonly traceHash: string
  readonly deadlock: Deadlock | undefined
  /** Where the schedule differs from the plain one, in order; at most 100,000. */
  readonly schedule: ReadonlyArray<Switch>
  /** How often nothing ran, so that somebody outside could have interrupted the program. */
  readonly suspensions: number
  readonly leftovers: Leftovers
}

/**
 * One place where a schedule differs from the plain one.
 *
 * @since 0.1.0
 */
export interface Switch {
  /** What the token calls it. */
  readonly token: string
  /** What it is, for people. */
  readonly text: string
}

/**
 * What a program left behind when it had ended and nothing could run any more. It is interrupted then.
 *
 * @since 0.1.0
 */
export interface Leftovers {
  /** Fibers that had not ended, by name. */
  readonly fibers: ReadonlyArray<string>
  /** Sleeps that had not either, by the name of the fiber that sleeps. */
  readonly timers: ReadonlyArray<string>
}

/**
 * Why a program can never go on.
 *
 * @since 0.1.0
 */
export interface Deadlock {
  readonly waits: ReadonlyArray<Wait>
  /** Those of them that wait for each other in a circle, each for the next one; none if nobody does. */
  readonly cycle: ReadonlyArray<Wait>
}

/**
 * A task that waits.
 *
 * @since 0.1.0
 */
export interface Wait {
  readonly task: string
  /** What it waits for, where the primitive says so (`Waits.Observer` of `@fibra/tasks`). */
  readonly resource: { readonly kind: string; readonly name: string | undefined } | undefined
  /** The tasks that must act first. */
  readonly holders: ReadonlyArray<string>
}

/**
 * Defect of a program that can never go on.
 *
 * @since 0.1.0
 */
export class Deadlocked extends Data.TaggedError("Deadlocked")<Deadlock> {
  override get message(): string {
    return this.waits.map(({ task }) => task).join("; ")
  }
}

/**
 * Defect of a program that did not end within its steps.
 *
 * @since 0.1.0
 */
export class StepLimitExceeded extends Data.TaggedError("StepLimitExceeded")<{
  readonly stepsMax: number
  /** Who ran last, by name. */
  readonly running: ReadonlyArray<string>
}> {
  override get message(): string {
    return `still running after ${this.stepsMax} steps: ${this.running.join(", ")}`
  }
}

/**
 * What an exploration is made with.
 *
 * @since 0.1.0
 */
export interface ExploreOptions<in A = never, in E = never> extends Omit<
  Options,
  "seed" | "interruptAt"
> {
  /** Seeds 1 to this number are run. */
  readonly seeds: number
  /** Why a result is a failure, or `undefined`. Default: the cause of its exit, if that is one. */
  readonly failure?: ((result: Result<A, E>) => Cause.Cause<unknown> | undefined) | undefined
}

/**
 * What an exploration without failures has seen.
 *
 * @since 0.1.0
 */
export interface Explored {
  readonly runs: number
  /** Distinct trace hashes. */
  readonly schedules: number
}

/**
 * The first failure of an exploration, with as few switches as were found to lead to it.
 *
 * @since 0.1.0
 */
export class ScheduleFailed extends Data.TaggedError("ScheduleFailed")<{
  /** Replays it: the `seed` of `run`. */
  readonly token: string
  readonly seed: number
  readonly cause: Cause.Cause<unknown>
  readonly virtualTime: Duration.Duration
  readonly switches: ReadonlyArray<Switch>
}> {
  override get message(): string {
    return [
      Cause.pretty(this.cause),
      `at virtual time ${Duration.format(this.virtualTime)}, with seed ${this.seed}`,
      ...this.switches.map(({ text }) => `  ${text}`),
      `replay: FIBRA_SEED=${this.token}`
    ].join("\n")
  }
}

/**
 * Runs a program once.
 *
 * @since 0.1.0
 */
export const run = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options: Options
): Effect.Effect<Result<A, E>, never, R> =>
  Effect.map(Simulate.simulate(program, options), (outcome) => ({
    ...outcome,
    exit: exitOf(outcome, options),
    virtualTime: Duration.millis(outcome.now),
    deadlock: outcome.deadlock,
    schedule: outcome.decisions.map(switchOf)
  }))

/**
 * Runs a program with seed after seed, up to the first that fails.
 *
 * @since 0.1.0
 */
export const explore = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options: ExploreOptions<A, E>
): Effect.Effect<Explored, ScheduleFailed, R> =>
  Effect.gen(function* () {
    const failureOf = options.failure ?? causeOf
    const hashes = new Set<string>()
    for (let seed = 1; seed <= options.seeds; seed++) {
      const result = yield* run(program, { ...options, seed })
      hashes.add(result.traceHash)
      const cause = failureOf(result)
      if (cause !== undefined) {
        return yield* Effect.fail(
          new ScheduleFailed({
            token: String(seed),
            seed,
            cause,
            virtualTime: result.virtualTime,
            switches: result.schedule
          })
        )
      }
    }
    return { runs: options.seeds, schedules: hashes.size }
  })

const causeOf = <A, E>({ exit }: Result<A, E>): Cause.Cause<E> | undefined =>
  Exit.isFailure(exit) ? exit.cause : undefined

const exitOf = <A, E>(outcome: Simulate.Outcome<A, E>, { stepsMax }: Options): Exit.Exit<A, E> => {
  if (outcome.deadlock !== undefined) return Exit.die(new Deadlocked(outcome.deadlock))
  if (outcome.running !== undefined) {
    return Exit.die(
      new StepLimitExceeded({
        stepsMax: stepsMax ?? Simulate.defaults.stepsMax,
        running: outcome.running
      })
    )
  }
  return outcome.exit
}

const switchOf = (decision: Decisions.Decision): Switch =>
  decision.kind === "pause"
    ? {
        token: `p${decision.track.number}.${decision.operation}`,
        text: `fiber ${decision.track.number} is paused`
      }
    : {
        token: `o${decision.track.number}.${decision.task}.${decision.passes}`,
        text: `a task of fiber ${decision.track.number} passes ${decision.passes}`
      }

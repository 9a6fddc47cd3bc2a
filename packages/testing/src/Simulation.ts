/**
 * Runs an unmodified program in many orders, each of which a seed repeats, on a clock that never waits.
 *
 * What happens when is decided by the seed alone: which fiber is paused where, which task is next, which
 * of the timers that are due together is first, and what `Random` gives. `Effect.sleep`, timeouts and
 * schedules take no real time: when nothing can run, the clock jumps to the next timer.
 *
 * Outside of this are sockets, files, real timers, promises that wait for these, `Date.now`,
 * `Math.random`, and fibers that bring a scheduler of their own, as those of a nested `Effect.runFork`
 * do. Give the program services in their place. Promises that need microtasks only are inside.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Deadlock } from "./internal/deadlock.ts"
import * as Decisions from "./internal/decisions.ts"
import type { Names } from "./internal/names.ts"
import * as Random from "./internal/random.ts"
import * as Shrink from "./internal/shrink.ts"
import * as Simulate from "./internal/simulate.ts"
import * as Token from "./internal/token.ts"

/**
 * Defect raised when an option is out of its range, or the seed is none.
 *
 * @since 0.1.0
 */
export class OptionOutOfRange extends Data.TaggedError("OptionOutOfRange")<{
  readonly option: string
  readonly value: unknown
  readonly range: string
}> {
  override get message(): string {
    return `${this.option} is ${String(this.value)}: give ${this.range}`
  }
}

/**
 * Defect of a program that can never go on.
 *
 * @since 0.1.0
 */
export { Deadlocked } from "./internal/deadlock.ts"

/**
 * Defect of a program that did not end within its steps: a livelock, or a long program.
 *
 * @since 0.1.0
 */
export { StepLimitExceeded } from "./internal/simulate.ts"

/**
 * What one run is made with.
 *
 * @since 0.1.0
 */
export interface Options {
  /** A number from 0 to 4,294,967,295, or the token of a failure, such as `"17:p1.2.5"`. */
  readonly seed: number | string
  /**
   * The chance of a pause before each operation of a fiber, from 0 to 1. Default 5, 20 or 50 %, as the
   * seed decides. An operation is what Effect counts as one; values that a generator gets from
   * `Effect.succeed` and code between two of them are none.
   */
  readonly preemption?: number | undefined
  /**
   * The order of tasks that can run: `"any"` (default), or `"scheduled"`, in which they became ready,
   * so that only pauses vary.
   */
  readonly order?: "any" | "scheduled" | undefined
  /** Steps after which the program is stopped as a livelock. Default 10,000,000. */
  readonly stepsMax?: number | undefined
  /**
   * Interrupts the program at a suspension, counted from 1: when nothing of it is running for the n-th
   * time. `suspensions` of a result is how many there are; above that, nothing is interrupted.
   */
  readonly interruptAt?: number | undefined
}

/**
 * What is taken for options that are left out.
 *
 * @since 0.1.0
 */
export const defaults = { order: "any", stepsMax: 10_000_000 } as const

/**
 * What a run has come to.
 *
 * @since 0.1.0
 */
export interface Result<A, E> {
  /** How the program ended; a deadlock is the defect `Deadlocked`, a livelock `StepLimitExceeded`. */
  readonly exit: Exit.Exit<A, E>
  /** Operations of fibers and tasks of the dispatcher, up to that end. */
  readonly steps: number
  /** The time that passed on the clock of the program, which begins at 0. */
  readonly virtualTime: Duration.Duration
  /** Which fiber woke at which step: equal for equal schedules, in every process. */
  readonly traceHash: string
  readonly deadlock: Deadlock | undefined
  /** Where the schedule differs from the plain one, in order, at most 20,000 places. */
  readonly schedule: ReadonlyArray<Switch>
  /** How often nothing ran, so that somebody outside could have interrupted the program. */
  readonly suspensions: number
  readonly leftovers: Simulate.Leftovers
}

/**
 * A place where a schedule differs from the plain one, in which nobody is paused and tasks run in the
 * order in which they became ready.
 *
 * @since 0.1.0
 */
export interface Switch {
  /** A fiber is paused before an operation, or a task runs before others that were ready earlier. */
  readonly kind: "pause" | "pass"
  /**
   * The fiber that is paused or that scheduled the task: `1` is the program, `1.2` the second one that
   * it forked, `0` what is no fiber.
   */
  readonly fiber: string
  /** The name of its task, `main` for the program, else `fiber` and its id. */
  readonly task: string
  /** Which of its operations, or of the tasks that it scheduled. */
  readonly at: number
  /** How many others the task passes; 0 for a pause. */
  readonly passes: number
}

/**
 * Why a program can never go on.
 *
 * @since 0.1.0
 */
export type { Deadlock } from "./internal/deadlock.ts"

/**
 * A task that waits.
 *
 * @since 0.1.0
 */
export type { Wait } from "./internal/deadlock.ts"

/**
 * What a program left behind when it had ended and nothing could run without time passing.
 *
 * @since 0.1.0
 */
export type { Leftovers } from "./internal/simulate.ts"

/**
 * Runs a program once, in the order that the seed decides.
 *
 * When it has ended, what it left behind is listed and interrupted; when it cannot end, so is the
 * program, and its finalizers run. They get 100,000 steps. A program that a run starts with services
 * shares them with other runs: its state is made inside. Dies with `OptionOutOfRange`.
 *
 * ```ts
 * const program = Effect.as(Effect.sleep("24 hours"), "rested")
 * const result = yield* Simulation.run(program, { seed: 1 })
 * result.exit // => Exit.succeed("rested")
 * result.virtualTime // => Duration.hours(24)
 * ```
 *
 * @since 0.1.0
 */
export const run = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options: Options
): Effect.Effect<Result<A, E>, never, R> =>
  Effect.suspend(() => {
    const plan = planOf(options)
    return plan instanceof OptionOutOfRange
      ? Effect.die(plan)
      : Effect.map(runPlan(program, plan, options), ({ result }) => result)
  })

/**
 * What an exploration is made with.
 *
 * @since 0.1.0
 */
export interface ExploreOptions<in A = never, in E = never> extends Omit<Options, "seed"> {
  /** Seeds 1 to this number are run. */
  readonly seeds: number
  /** Why a result is a failure, `undefined` where it is none. Default: the cause of a failed exit. */
  readonly failure?: ((result: Result<A, E>) => Cause.Cause<unknown> | undefined) | undefined
}

/**
 * What an exploration without failures has seen.
 *
 * @since 0.1.0
 */
export interface Explored {
  readonly runs: number
  /** How many distinct schedules there were among them. */
  readonly schedules: number
}

/**
 * The first failure of an exploration, with as few switches as were found to lead to it.
 *
 * @since 0.1.0
 */
export class ScheduleFailed extends Data.TaggedError("ScheduleFailed")<{
  /** What `run` takes as its seed to see this failure again. */
  readonly token: string
  readonly seed: number
  readonly cause: Cause.Cause<unknown>
  readonly virtualTime: Duration.Duration
  /** What is left of the schedule. */
  readonly switches: ReadonlyArray<Switch>
  /** Whether the same decisions led to the same failure. If not, something outside decides too. */
  readonly isRepeatable: boolean
}> {
  override get message(): string {
    const { cause, isRepeatable, seed, switches, token, virtualTime } = this
    const time = Duration.format(virtualTime)
    return [
      Cause.prettyErrors(cause)
        .map(({ message, name }) => `${name}: ${message}`)
        .join("\n") || Cause.pretty(cause),
      `seed ${seed}, at virtual time ${time}, ${switches.length === 0 ? "in the plain schedule" : `after ${countOf(switches.length, "switch", "switches")}`}`,
      ...switches.slice(0, shownMax).map((one) => `  ${formatSwitch(one)}`),
      ...(switches.length > shownMax ? [`  and ${switches.length - shownMax} more`] : []),
      ...(isRepeatable
        ? []
        : [
            "the same decisions did not lead there again: something outside of the simulation decides"
          ]),
      `replay: FIBRA_SEED=${token}, or Simulation.run(program, { seed: "${token}" })`
    ].join("\n")
  }
}

const shownMax = 20

const countOf = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`

const formatSwitch = ({ at, kind, passes, task }: Switch): string =>
  kind === "pause"
    ? `${task} is paused before its operation ${at}`
    : `task ${at} that ${task} scheduled runs before ${countOf(passes, "earlier one", "earlier ones")}`

/**
 * Runs a program with seed after seed, up to the first that fails.
 *
 * Of that run's schedule, what the failure does not need is taken away: in at most 300 replays of at
 * most 5,000,000 steps together, while the same kind of failure comes. The error says what is left, in
 * one line what replays it, and if it is not repeatable.
 *
 * ```ts
 * let total = 0
 * const add = Effect.suspend(() => {
 *   const before = total
 *   return Effect.map(Effect.void, () => (total = before + 1))
 * })
 * const program = Effect.gen(function* () {
 *   total = 0
 *   yield* Effect.all([add, add], { concurrency: 2 })
 *   if (total !== 2) return yield* Effect.fail("an update is lost")
 * })
 * const { switches } = yield* Effect.flip(Simulation.explore(program, { seeds: 100 }))
 * switches.length // => 1
 * ```
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
      const plan = planOf({ ...options, seed })
      if (plan instanceof OptionOutOfRange) return yield* Effect.die(plan)
      const run = yield* runPlan(program, plan, options)
      hashes.add(run.result.traceHash)
      const cause = failureOf(run.result)
      if (cause !== undefined) return yield* fail({ cause, failureOf, options, program, run, seed })
    }
    return { runs: options.seeds, schedules: hashes.size }
  })

const causeOf = <A, E>({ exit }: Result<A, E>): Cause.Cause<unknown> | undefined =>
  Exit.isFailure(exit) ? exit.cause : undefined

interface Failed<A, E, R> {
  readonly program: Effect.Effect<A, E, R>
  readonly options: ExploreOptions<A, E>
  readonly failureOf: (result: Result<A, E>) => Cause.Cause<unknown> | undefined
  readonly seed: number
  readonly run: Run<A, E>
  readonly cause: Cause.Cause<unknown>
}

/** Shrinks a failing run, and fails with what is left of it. */
const fail = <A, E, R>({ cause, failureOf, options, program, run, seed }: Failed<A, E, R>) =>
  Effect.gen(function* () {
    const isSame = ({ result }: Run<A, E>) => {
      const other = failureOf(result)
      return other !== undefined && kindOf(other) === kindOf(cause)
    }
    // A replay that goes another way may run long before it does not fail.
    const stepsMax = Math.min(stepsMaxOf(options), Math.max(10_000, 4 * run.steps))
    const replay = (choices: ReadonlyArray<Decisions.Choice>) =>
      runPlan(program, { seed, choices }, { ...options, stepsMax })
    const isComplete = run.schedule.length < Decisions.recordedMax
    const plan = { seed, choices: isComplete ? run.schedule : undefined }
    const again = yield* runPlan(program, plan, options)
    const isRepeatable = isSame(again) && again.result.traceHash === run.result.traceHash
    const isShrinkable = isComplete && isRepeatable
    const best = isShrinkable ? yield* Shrink.shrink(again, replay, isSame) : run
    return yield* Effect.fail(
      new ScheduleFailed({
        token: Token.format({ seed, choices: isShrinkable ? best.schedule : undefined }),
        seed,
        cause: failureOf(best.result) ?? cause,
        virtualTime: best.result.virtualTime,
        switches: best.schedule,
        isRepeatable
      })
    )
  })

/** What makes two failures the same bug, as far as can be told. */
const kindOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  if (typeof error !== "object" || error === null) return String(error)
  if ("_tag" in error) return String(error._tag)
  return error instanceof Error ? error.name : "object"
}

interface Run<A, E> extends Shrink.Replayed {
  readonly schedule: ReadonlyArray<Switch>
  readonly result: Result<A, E>
}

const runPlan = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  { choices, seed }: Token.Plan,
  options: Omit<Options, "seed">
): Effect.Effect<Run<A, E>, never, R> =>
  Effect.suspend(() => {
    const outcome = Simulate.simulate(program, {
      decide: (names) =>
        choices === undefined ? decide(seed, options, names) : Decisions.scripted(choices, names),
      random: Random.make(seed, 1),
      stepsMax: stepsMaxOf(options),
      interruptAt: options.interruptAt
    })
    return Effect.map(outcome, ({ virtualMillis, ...rest }) => {
      const result = { ...rest, virtualTime: Duration.millis(virtualMillis) }
      return { result, schedule: rest.schedule, steps: rest.steps }
    })
  })

const stepsMaxOf = ({ stepsMax }: Omit<Options, "seed">): number => stepsMax ?? defaults.stepsMax

/** Seeds differ in how much they pause and reorder: some bugs need much of it, others little. */
const decide = (
  seed: number,
  { order, preemption }: Omit<Options, "seed">,
  names: Names
): Decisions.Decisions => {
  const random = Random.make(seed)
  const pause = [0.05, 0.2, 0.5][Random.below(random, 3)]!
  const pass = [0.2, 1][Random.below(random, 2)]!
  return Decisions.seeded(random, preemption ?? pause, order === "scheduled" ? 0 : pass, names)
}

const planOf = (options: Options): Token.Plan | OptionOutOfRange => {
  const outOfRange = (option: keyof Options, range: string) =>
    new OptionOutOfRange({ option, value: options[option], range })
  const isCount = (value: number | undefined) =>
    value === undefined || (Number.isSafeInteger(value) && value >= 1)
  const { interruptAt, preemption = 0, stepsMax } = options
  if (!(preemption >= 0 && preemption <= 1)) return outOfRange("preemption", "a number from 0 to 1")
  if (!isCount(stepsMax)) return outOfRange("stepsMax", "an integer from 1")
  if (!isCount(interruptAt)) return outOfRange("interruptAt", "an integer from 1")
  return (
    Token.parse(options.seed) ??
    outOfRange("seed", "an integer from 0 to 4294967295, or what a failure printed")
  )
}

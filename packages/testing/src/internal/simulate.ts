/** One run of one program, from its start until nothing of it is left. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Deadlock from "./deadlock.ts"
import type { Decision, Decisions } from "./decisions.ts"
import * as Engine from "./engine.ts"
import * as Names from "./names.ts"
import * as Outside from "./outside.ts"
import type { Random } from "./random.ts"

export interface Settings {
  readonly decide: (names: Names.Names) => Decisions
  /** The random numbers of the program. */
  readonly random: Random
  readonly stepsMax: number
  readonly interruptAt: number | undefined
}

/** What a run has come to; the result that users see has a `Duration` in it. */
export interface Outcome<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly deadlock: Deadlock.Deadlock | undefined
  readonly steps: number
  readonly suspensions: number
  readonly virtualMillis: number
  readonly traceHash: string
  readonly schedule: ReadonlyArray<Decision>
  readonly leftovers: Leftovers
}

/** Defect of a program that did not end within its steps. */
export class StepLimitExceeded extends Data.TaggedError("StepLimitExceeded")<{
  readonly stepsMax: number
  /** Who ran last, the busiest first, at most 10. */
  readonly running: ReadonlyArray<string>
  /** Who waited for something that is known, and the cycle of those who waited for each other. */
  readonly waiting: Deadlock.Deadlock
}> {
  override get message(): string {
    const { running, stepsMax, waiting } = this
    const cycle = waiting.cycle.map(Deadlock.formatWait).join("; ")
    return [
      `did not end within ${stepsMax} steps; running: ${running.join(", ")}`,
      cycle === "" ? "If that is no livelock, raise stepsMax" : `Besides, deadlock: ${cycle}`
    ].join(". ")
  }
}

/** What a program left behind when it had ended and nothing could run without time passing. */
export interface Leftovers {
  /** Fibers that had not ended, by name. */
  readonly fibers: ReadonlyArray<string>
  /** Sleeps that had not either, by the name of the fiber that sleeps. */
  readonly timers: ReadonlyArray<string>
}

/** Steps that finalizers get after the end of the program, or of its steps. */
const cleanupStepsMax = 100_000

export const simulate = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  settings: Settings
): Effect.Effect<Outcome<A, E>, never, R> =>
  Effect.flatMap(Effect.context<R>(), (services) =>
    Effect.withFiber((outer) => {
      const names = Names.make(outer)
      const decisions = settings.decide(names)
      const engine = Engine.make(decisions, settings.random)
      const outside = Outside.watch()
      const root = engine.start(program, services, settings.stepsMax)
      // Interrupted, or a task of the program threw, which would end a process.
      return Effect.onError(follow({ decisions, engine, names, outside, root }, settings), () =>
        sweep(engine)
      )
    })
  )

interface Run<A, E> {
  readonly decisions: Decisions
  readonly engine: Engine.Engine
  readonly names: Names.Names
  readonly outside: () => ReadonlyArray<string>
  readonly root: Fiber.Fiber<A, E>
}

const follow = <A, E>(
  { decisions, engine, names, outside, root }: Run<A, E>,
  settings: Settings
): Effect.Effect<Outcome<A, E>> =>
  Effect.gen(function* () {
    const hasEnded = () => root.pollUnsafe() !== undefined
    const stuckOf = (halt: Engine.Halt) =>
      halt === "quiescent"
        ? new Deadlock.Deadlocked(Deadlock.describe(engine, names, outside()))
        : new StepLimitExceeded(runningOf(engine, names, settings.stepsMax))
    const halt = yield* engine.drive({
      isReached: hasEnded,
      isTimeFrozen: false,
      stepsMax: settings.stepsMax - engine.steps,
      onSuspension: () => {
        if (engine.suspensions === settings.interruptAt) root.interruptUnsafe()
      }
    })
    const { now, steps, suspensions, traceHash } = engine
    const end = root.pollUnsafe()
    const stuck = end === undefined ? stuckOf(halt) : undefined
    root.interruptUnsafe()
    yield* engine.drive({ isReached: hasEnded, isTimeFrozen: false, stepsMax: cleanupStepsMax })
    const isEmpty = () => engine.isEmpty
    yield* engine.drive({ isReached: isEmpty, isTimeFrozen: true, stepsMax: cleanupStepsMax })
    const schedule = [...decisions.recorded]
    const leftovers = {
      fibers: Array.from(engine.alive.values(), names.nameOf),
      timers: engine.timers.all.map(({ fiber }) => names.nameOf(engine.trackOf(fiber)))
    }
    yield* sweep(engine)
    return {
      exit: end ?? exitOf(stuck!, root.pollUnsafe()),
      deadlock: stuck?._tag === "Deadlocked" ? stuck : undefined,
      steps,
      suspensions,
      virtualMillis: now,
      traceHash,
      schedule,
      leftovers
    }
  })

/** The defect of a program that was stopped, and what failed in its finalizers then. */
const exitOf = <A, E>(
  stuck: Deadlock.Deadlocked | StepLimitExceeded,
  exit: Exit.Exit<A, E> | undefined
): Exit.Exit<A, E> => {
  const defect = Cause.die(stuck)
  return exit === undefined || Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)
    ? Exit.failCause(defect)
    : Exit.failCause(Cause.combine(defect, exit.cause))
}

/** Ends all that is left. */
const sweep = (engine: Engine.Engine): Effect.Effect<void> =>
  Effect.suspend(() => {
    // Those that finalizers start meanwhile are not interrupted: these may need them.
    const left = Array.from(engine.alive.keys())
    for (const fiber of left) fiber.interruptUnsafe()
    const isReached = () => engine.isEmpty
    const swept = engine.drive({ isReached, isTimeFrozen: false, stepsMax: cleanupStepsMax })
    return Effect.map(swept, engine.close)
  })

const runningOf = (engine: Engine.Engine, names: Names.Names, stepsMax: number) => {
  const { alive, steps, waits } = engine
  // Others may wait for each other while these run: a poller must not hide a deadlock.
  const waiting = new Map([...alive].filter(([fiber]) => waits.has(fiber)))
  const running = [...alive]
    .filter(([, { ranAt }]) => ranAt > steps - Math.min(recentSteps, stepsMax / 10))
    .toSorted(([, a], [, b]) => b.operations - a.operations)
    .slice(0, 10)
    .map(([, track]) => names.nameOf(track))
  return { stepsMax, running, waiting: Deadlock.describe({ alive: waiting, waits }, names, []) }
}

/** Who ran within so many steps, or within the last tenth, counts as running. */
const recentSteps = 10_000

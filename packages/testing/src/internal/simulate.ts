/** One run of one program, from its start until nothing of it is left. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Deadlock from "./deadlock.ts"
import type { Decision, Decisions } from "./decisions.ts"
import * as Drive from "./drive.ts"
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
      engine.setLimit(settings.stepsMax)
      const root = engine.start(program, services)
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
    let suspensions = 0
    const halt = yield* Drive.drive(engine, {
      isReached: hasEnded,
      isTimeFrozen: false,
      stepsLimit: settings.stepsMax,
      onSuspension: () => {
        if (++suspensions === settings.interruptAt) root.interruptUnsafe()
      }
    })
    const { now, steps, traceHash } = engine
    const end = root.pollUnsafe()
    const stuck = end === undefined ? describeHalt(halt, engine, names, outside, settings) : end
    root.interruptUnsafe()
    yield* cleanup(engine, hasEnded, false)
    yield* cleanup(engine, () => isEmpty(engine), true)
    const schedule = [...decisions.recorded]
    const leftovers = {
      fibers: Array.from(engine.tracks.alive.values(), names.nameOf),
      timers: engine.timers.all.map(({ fiber }) => names.nameOf(engine.tracks.of(fiber)))
    }
    yield* sweep(engine)
    return {
      exit: Exit.isExit(stuck) ? stuck : exitOf(stuck, root.pollUnsafe()),
      deadlock: stuck._tag === "Deadlocked" ? stuck : undefined,
      steps,
      suspensions,
      virtualMillis: now,
      traceHash,
      schedule,
      leftovers
    }
  })

const cleanup = (engine: Engine.Engine, isReached: () => boolean, isTimeFrozen: boolean) =>
  Effect.suspend(() => {
    const stepsLimit = engine.steps + cleanupStepsMax
    return Drive.drive(engine, { isReached, isTimeFrozen, stepsLimit })
  })

/** Whether no fiber is alive, and none is about to start. */
const isEmpty = ({ isReady, tracks }: Engine.Engine): boolean => tracks.alive.size === 0 && !isReady

/** Ends all that is left. */
const sweep = (engine: Engine.Engine): Effect.Effect<void> =>
  Effect.suspend(() => {
    // Those that finalizers start meanwhile are not interrupted: these may need them.
    const left = Array.from(engine.tracks.alive.keys())
    for (const fiber of left) fiber.interruptUnsafe()
    return Effect.map(
      cleanup(engine, () => isEmpty(engine), false),
      engine.close
    )
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

/** The defect of a program that has not ended. */
const describeHalt = (
  halt: Drive.Halt,
  engine: Engine.Engine,
  names: Names.Names,
  outside: () => ReadonlyArray<string>,
  { stepsMax }: Settings
): Deadlock.Deadlocked | StepLimitExceeded => {
  const { alive } = engine.tracks
  const { steps, waits } = engine
  if (halt === "quiescent") {
    return new Deadlock.Deadlocked(Deadlock.describe({ alive, waits }, names, outside()))
  }
  // Others may wait for each other while these run: a poller must not hide a deadlock.
  const waiting = new Map([...alive].filter(([fiber]) => waits.has(fiber)))
  const running = [...alive.values()]
    .filter(({ ranAt }) => ranAt > steps - Math.min(recentSteps, stepsMax / 10))
    .toSorted((a, b) => b.operations - a.operations)
    .slice(0, 10)
    .map(names.nameOf)
  return new StepLimitExceeded({
    stepsMax,
    running,
    waiting: Deadlock.describe({ alive: waiting, waits }, names, [])
  })
}

/** Who ran within so many steps, or within the last tenth, counts as running. */
const recentSteps = 10_000

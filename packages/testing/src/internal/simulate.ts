/** One run of one program, from its start until nothing of it is left. */
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

export interface Outcome<A, E> {
  /** How the program itself ended, or why not: it could not go on, or its steps were used up. */
  readonly end: Exit.Exit<A, E> | Stuck
  /** How it ended when it was interrupted after that; undefined where it did not end at all. */
  readonly exit: Exit.Exit<A, E> | undefined
  readonly steps: number
  readonly suspensions: number
  readonly virtualMillis: number
  readonly traceHash: string
  readonly decisions: ReadonlyArray<Decision>
  readonly leftovers: Leftovers
}

export interface Stuck {
  readonly _tag: "Stuck"
  readonly because: "deadlock" | "steps"
  readonly waiting: Deadlock.Deadlock
  /** Who ran last. */
  readonly running: ReadonlyArray<string>
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
      const root = engine.start(program, services)
      return Effect.onInterrupt(follow({ decisions, engine, names, outside, root }, settings), () =>
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
    const halt = yield* engine.drive({
      isReached: hasEnded,
      isTimeFrozen: false,
      stepsMax: settings.stepsMax,
      onSuspension: () => {
        if (engine.suspensions === settings.interruptAt) root.interruptUnsafe()
      }
    })
    const { now, steps, suspensions, traceHash } = engine
    const end = root.pollUnsafe() ?? stuck(engine, names, halt, outside())
    root.interruptUnsafe()
    yield* engine.drive({
      isReached: hasEnded,
      isTimeFrozen: false,
      stepsMax: cleanupStepsMax
    })
    yield* engine.drive({
      isReached: () => engine.alive.size === 0,
      isTimeFrozen: true,
      stepsMax: cleanupStepsMax
    })
    const leftovers = {
      fibers: Array.from(engine.alive.values(), names.nameOf),
      timers: engine.timers.all.map(({ fiber }) => names.nameOf(engine.trackOf(fiber)))
    }
    const recorded = [...decisions.recorded]
    yield* sweep(engine)
    return {
      end,
      exit: root.pollUnsafe(),
      steps,
      suspensions,
      virtualMillis: now,
      traceHash,
      decisions: recorded,
      leftovers
    }
  })

/** Ends all that is left. */
const sweep = (engine: Engine.Engine): Effect.Effect<void> =>
  Effect.suspend(() => {
    for (const fiber of [...engine.alive.keys()]) fiber.interruptUnsafe()
    const isReached = () => engine.alive.size === 0
    const swept = engine.drive({ isReached, isTimeFrozen: false, stepsMax: cleanupStepsMax })
    return Effect.map(swept, engine.close)
  })

const stuck = (
  engine: Engine.Engine,
  names: Names.Names,
  halt: Engine.Halt,
  outside: ReadonlyArray<string>
): Stuck => {
  const { alive, steps, waits } = engine
  if (halt === "quiescent") {
    const waiting = Deadlock.describe(engine, names, outside)
    return { _tag: "Stuck", because: "deadlock", waiting, running: [] }
  }
  // Others may wait for each other while these run: a poller must not hide a deadlock.
  const waitingOnes = new Map([...alive].filter(([fiber]) => waits.has(fiber)))
  const running = [...alive]
    .filter(([, { wokeAt }]) => wokeAt > steps - recentSteps)
    .sort(([, a], [, b]) => b.operations - a.operations)
    .slice(0, 10)
    .map(([, track]) => names.nameOf(track))
  const waiting = Deadlock.describe({ alive: waitingOnes, waits }, names, outside)
  return { _tag: "Stuck", because: "steps", waiting, running }
}

/** Who woke within so many steps counts as running. */
const recentSteps = 10_000

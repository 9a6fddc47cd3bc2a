/** One run of one program, from its start until nothing of it is left. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Decisions from "./decisions.ts"
import * as Engine from "./engine.ts"
import * as Random from "./random.ts"
import { makeNames } from "./names.ts"

export interface Options {
  readonly seed: number | string
  readonly preemption?: number | undefined
  readonly order?: "any" | "scheduled" | undefined
  readonly stepsMax?: number | undefined
  readonly interruptAt?: number | undefined
}

export const defaults = { stepsMax: 5_000_000 }

/** Steps that finalizers get after the end of the program, or of its steps. */
const cleanupStepsMax = 100_000

export interface Outcome<A, E> {
  readonly exit: Exit.Exit<A, E>
  readonly steps: number
  readonly suspensions: number
  readonly now: number
  readonly traceHash: string
  readonly deadlock: Deadlock | undefined
  /** Who ran when the steps were used up. */
  readonly running: ReadonlyArray<string> | undefined
  readonly decisions: ReadonlyArray<Decisions.Decision>
  readonly leftovers: {
    readonly fibers: ReadonlyArray<string>
    readonly timers: ReadonlyArray<string>
  }
}

interface Deadlock {
  readonly waits: ReadonlyArray<Wait>
  readonly cycle: ReadonlyArray<Wait>
}

interface Wait {
  readonly task: string
  readonly resource: { readonly kind: string; readonly name: string | undefined } | undefined
  readonly holders: ReadonlyArray<string>
}

export const simulate = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  options: Options
): Effect.Effect<Outcome<A, E>, never, R> =>
  Effect.gen(function* () {
    const services = yield* Effect.context<R>()
    const decisions = decisionsOf(options)
    const engine = Engine.make(decisions, Random.make(Number(options.seed), 1))
    const { nameOf } = makeNames(engine)
    const root = engine.start(program, services)
    const end = watchEnd(engine, root)
    const hasEnded = () => end.reached !== undefined
    const halt = yield* engine.drive({
      isReached: hasEnded,
      time: true,
      stepsMax: options.stepsMax ?? defaults.stepsMax,
      onSuspension: () => {
        if (engine.suspensions === options.interruptAt) root.interruptUnsafe()
      }
    })
    const deadlock =
      halt === "quiescent"
        ? {
            waits: Array.from(engine.alive.keys(), (fiber) => ({
              task: nameOf(fiber),
              resource: engine.waits.get(fiber),
              holders: engine.waits.get(fiber)?.holders().map(nameOf) ?? []
            })),
            cycle: []
          }
        : undefined
    const running =
      halt === "exhausted" ? Array.from(engine.alive.keys(), nameOf).slice(0, 10) : undefined
    const reached = end.reached ?? end.now()
    const cleanup = (isReached: () => boolean, time: boolean) =>
      engine.drive({ isReached, time, stepsMax: cleanupStepsMax })
    if (!hasEnded()) {
      root.interruptUnsafe()
      yield* cleanup(hasEnded, true)
    }
    yield* cleanup(() => engine.alive.size === 0, false)
    const leftovers = {
      fibers: Array.from(engine.alive.keys(), nameOf),
      timers: engine.timers.all.map(({ fiber }) => nameOf(fiber))
    }
    for (const fiber of engine.alive.keys()) fiber.interruptUnsafe()
    yield* cleanup(() => engine.alive.size === 0, true)
    engine.close()
    return {
      ...reached,
      exit: root.pollUnsafe() ?? Exit.interrupt(),
      deadlock,
      running,
      decisions: decisions.recorded,
      leftovers
    }
  })

/** Notes what was the case when the program ended. */
const watchEnd = (engine: Engine.Engine, root: Fiber.Fiber<unknown, unknown>) => {
  const now = () => ({
    steps: engine.steps,
    suspensions: engine.suspensions,
    now: engine.now,
    traceHash: engine.traceHash
  })
  const end: { reached: ReturnType<typeof now> | undefined; readonly now: typeof now } = {
    reached: undefined,
    now
  }
  root.addObserver(() => {
    end.reached = now()
  })
  return end
}

const decisionsOf = ({ order, preemption, seed }: Options): Decisions.Decisions => {
  const random = Random.make(Number(seed))
  const pause = preemption ?? [0.05, 0.2, 0.5][Random.below(random, 3)]!
  const pass = [0.2, 1][Random.below(random, 2)]!
  return Decisions.seeded(random, pause, order === "scheduled" ? 0 : pass)
}

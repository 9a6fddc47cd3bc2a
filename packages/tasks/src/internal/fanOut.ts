/** Runs a list of effects as tasks of one crew: the core of `gather`, `collect` and `race`. */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Causes from "./causes.ts"
import * as Crew from "./crew.ts"

/** The exits with failures or defects, in the order in which they ended. */
type Failures<A, E> = ReadonlyArray<Exit.Failure<A, E>>

export interface Options<A, E, B, E2> {
  readonly kind: string
  readonly concurrency: number
  /** What the tasks see in place of the context of the owner. */
  readonly context?: Context.Context<never>
  /**
   * Told of each exit. True ends the run early: the tasks that still run are interrupted, the rest
   * is never started.
   */
  readonly onExit: (exit: Exit.Exit<A, E>, index: number) => boolean
  /** Runs beside the tasks, as long as there are any, and may end the run early. */
  readonly until?: (stop: () => void) => Effect.Effect<void>
  /** Makes the result, once each task has ended. */
  readonly result: (failures: Failures<A, E>) => Exit.Exit<B, E2>
  /** Decides what an interrupted owner fails with; the first `before` failures came earlier. */
  readonly abandon: (
    interrupt: Cause.Cause<never>,
    failures: Failures<A, E>,
    before: number
  ) => Effect.Effect<never, E2>
}

/** After so many starts the tasks get a turn: a long list neither blocks the loop nor fills the heap. */
const startsPerTurn = 2048

/** What the crew knows the effect `until` by. */
const untilKey = -1

/** Starts the effects in order and waits for every one of them, also when stopped or interrupted. */
export const run = <A, E, R, B, E2>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  options: Options<A, E, B, E2>
): Effect.Effect<B, E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiber<B, E2, R>((owner) => {
      const failures: Array<Exit.Failure<A, E>> = []
      const fork = Effect.runForkWith((options.context ?? owner.context) as Context.Context<R>)
      const crew = Crew.make<A | void, E, number>(owner, {
        kind: options.kind,
        uninterruptible: Crew.isUninterruptible(restore),
        onExit: (exit, index) => {
          if (index === untilKey) return
          running--
          ended(exit as Exit.Exit<A, E>, index)
          startNext()
        }
      })
      // Invariants, whenever no function below is on the stack:
      //   1. `next` effects were started, and of these `running` have not ended.
      //   2. Unless stopped, `concurrency` tasks run, or all were started, or `starting` is true and
      //      the crew owes a call of `goOn`.
      let next = 0
      let running = 0
      let stopped = false
      let starting = false

      const stop = () => {
        stopped = true
        crew.interruptAll()
      }
      const ended = (exit: Exit.Exit<A, E>, index: number) => {
        // Exits that are only interrupted are not kept: there may be 100,000 of them.
        if (exit._tag === "Failure" && Causes.hasErrors(exit)) failures.push(exit)
        if (options.onExit(exit, index) && !stopped) stop()
      }
      const mayStart = () => !stopped && running < options.concurrency && next < effects.length
      const startNext = () => {
        // A task that ends while others are being started comes back here: the loop goes on below,
        // or after the pause.
        if (starting) return
        starting = true
        const pauseAt = next + startsPerTurn
        while (mayStart() && next < pauseAt) {
          const index = next++
          const effect = effects[index]!
          if (Exit.isExit(effect)) ended(effect as Exit.Exit<A, E>, index)
          else {
            running++
            crew.start(fork, effect, index)
          }
        }
        if (mayStart()) crew.later(goOn)
        else {
          starting = false
          // With every task ended, what waits for `until` is not needed any more.
          if (running === 0) crew.interruptAll()
        }
      }
      const goOn = () => {
        starting = false
        startNext()
      }

      startNext()
      if (options.until !== undefined && running > 0) {
        crew.start(fork, options.until(stop), untilKey)
      }
      return Crew.join(
        crew,
        restore,
        () => options.result(failures),
        (interrupt) => {
          stopped = true
          const before = failures.length
          return Effect.suspend(() => options.abandon(interrupt, failures, before))
        }
      )
    })
  )

/** Runs a list of effects as tasks of one crew: the core of `gather`, `collect` and `race`. */
import type * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Crew from "./crew.ts"

/** What became of the effects. */
export interface Outcome<A, E> {
  /** In argument order; a hole where the effect was never started. */
  readonly exits: ReadonlyArray<Exit.Exit<A, E> | undefined>
  /** In completion order. */
  readonly failures: ReadonlyArray<Exit.Failure<A, E>>
}

export interface Options<A, E, B, E2> {
  readonly concurrency: number
  /** Ends the run early: the tasks that still run are interrupted, the rest is never started. */
  readonly stopAt: (exit: Exit.Exit<A, E>) => boolean
  /** Makes the result, once each task has ended. Handed over at most once, never half-way. */
  readonly result: (outcome: Outcome<A, E>) => B
  /** Decides what an interrupted owner fails with; the first `before` failures came earlier. */
  readonly abandon: (
    interrupt: Cause.Cause<never>,
    outcome: Outcome<A, E>,
    before: number
  ) => Effect.Effect<never, E2>
}

/** Starts the effects in order and waits for every one of them, also when stopped or interrupted. */
export const run = <A, E, R, B, E2>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  options: Options<A, E, B, E2>
): Effect.Effect<B, E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiber<B, E2, R>((owner) => {
      const exits: Array<Exit.Exit<A, E> | undefined> = effects.map(() => undefined)
      const failures: Array<Exit.Failure<A, E>> = []
      const fork = Effect.runForkWith(owner.context as Context.Context<R>)
      const crew = Crew.make<A, E, number>(owner, {
        uninterruptible: Crew.isUninterruptible(restore),
        onExit: (exit, index) => {
          running--
          record(exit, index)
          startNext()
        }
      })
      let next = 0
      let running = 0
      let stopped = false
      let starting = false

      const record = (exit: Exit.Exit<A, E>, index: number) => {
        exits[index] = exit
        if (exit._tag === "Failure") failures.push(exit)
        if (!stopped && options.stopAt(exit)) stop()
      }
      const stop = () => {
        stopped = true
        crew.interruptAll()
      }
      const mayStart = () => !stopped && running < options.concurrency && next < effects.length
      const startNext = () => {
        // A task that ends while it is being started comes back here: the loop below goes on.
        if (starting) return
        starting = true
        while (mayStart()) {
          const index = next++
          const effect = effects[index]!
          if (Exit.isExit(effect)) record(effect as Exit.Exit<A, E>, index)
          else {
            running++
            crew.start(fork, effect, index)
          }
        }
        starting = false
      }

      startNext()
      const outcome = { exits, failures }
      return Crew.join(
        crew,
        restore,
        () => options.result(outcome),
        (interrupt) => {
          stopped = true
          const before = failures.length
          return Effect.suspend(() => options.abandon(interrupt, outcome, before))
        }
      )
    })
  )

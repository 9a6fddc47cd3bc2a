/**
 * Finds what a program leaves behind when it ends: fibers that still run, timers that still wait.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Watch from "./internal/leaks/watch.ts"

/**
 * What was still there when a program had ended.
 *
 * @since 0.1.0
 */
export class LeftBehind extends Data.TaggedError("LeftBehind")<{
  /** Fibers that had not ended, by name. */
  readonly fibers: ReadonlyArray<string>
  /** Sleeps that had not ended, by the name of the fiber that sleeps. */
  readonly timers: ReadonlyArray<string>
}> {
  override get message(): string {
    const fibers = this.fibers.map((name) => `  ${name}, running`)
    const timers = this.timers.map((name) => `  a timer of ${name}`)
    return [
      "The program has ended, and left behind:",
      ...fibers,
      ...timers,
      "Interrupt and await them, or fork them into a scope that closes."
    ].join("\n")
  }
}

/** How many turns of the scheduler fibers that are about to end get for it. */
const turnsMax = 10

/**
 * Runs an effect, and fails with what it leaves behind when it and its scope are over.
 *
 * It works on every runtime and clock, so in ordinary tests too; what is left is interrupted, and not
 * waited for. Fibers that are about to end get 10 turns of the scheduler. A failure of the effect is
 * kept beside what it left. Not seen are fibers started by `Effect.runFork` and the like, and timers
 * that are no `Effect.sleep`.
 *
 * ```ts
 * const poll = Effect.forever(Effect.sleep("1 minute"))
 * const leaky = Effect.as(Effect.forkDetach(poll), "done")
 * const { fibers, timers } = yield* Effect.flip(Leaks.check(leaky))
 * const counts = [fibers.length, timers.length]
 * counts // => [1, 1]
 * yield* Leaks.check(Effect.as(Effect.forkChild(poll), "done")) // => "done"
 * ```
 *
 * @since 0.1.0
 */
export const check = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | LeftBehind, Exclude<R, Scope.Scope>> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiber((fiber) => {
      const watch = Watch.make(fiber)
      return Effect.scoped(effect).pipe(
        // In a fiber of its own, so that its children end with it and not with the test.
        Effect.forkChild({ startImmediately: true }),
        Effect.provideContext(watch.services),
        Effect.flatMap((running) =>
          Effect.onInterrupt(restore(Fiber.join(running)), () =>
            Effect.andThen(Fiber.interrupt(running), Fiber.join(running))
          )
        ),
        Effect.exit,
        Effect.tap(settle(watch)),
        Effect.flatMap((exit) => verdict(watch, exit))
      )
    })
  )

const settle = (watch: Watch.Watch): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let turn = 0; turn < turnsMax && watch.running > 0; turn++) yield* Effect.yieldNow
  })

const verdict = <A, E>(
  watch: Watch.Watch,
  exit: Exit.Exit<A, E>
): Effect.Effect<A, E | LeftBehind> => {
  if (watch.running === 0) return exit
  const left = Cause.fail(new LeftBehind(watch.names()))
  watch.interrupt()
  return Effect.failCause(Exit.isSuccess(exit) ? left : Cause.combine(exit.cause, left))
}

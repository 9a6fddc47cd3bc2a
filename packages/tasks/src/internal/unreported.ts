/**
 * The last resort of the law "no lost failure": what can reach no caller any more is logged.
 *
 * The level is `References.UnhandledLogLevel` (default `"Error"`), Effect's own for such errors.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as References from "effect/References"
import * as Causes from "./causes.ts"

/** Logs failures that nobody will receive, with `message` saying why. Nothing for an empty list. */
export const log = (
  message: string,
  reasons: ReadonlyArray<Cause.Reason<unknown>>
): Effect.Effect<void> =>
  reasons.length === 0
    ? Effect.void
    : Effect.withFiber((fiber) => {
        const level = fiber.getRef(References.UnhandledLogLevel)
        return level === undefined
          ? Effect.void
          : Effect.logWithLevel(level)(message, Cause.fromReasons(reasons))
      })

/**
 * Fails with the interrupt of an owner and the errors that its tasks ended with.
 *
 * Effect drops typed failures when an interrupt skips the handler that would have caught them. The
 * fiber is about to end, and what its exit does not have by then is logged; that includes failures
 * that were handled where no interrupt skips the handler, which cannot be told apart.
 */
export const failInterrupted = <E>(
  interrupt: Cause.Cause<never>,
  reasons: ReadonlyArray<Cause.Reason<E>>
): Effect.Effect<never, E> =>
  Effect.withFiber((fiber) => {
    const failures = reasons.filter(Cause.isFailReason)
    if (failures.length > 0) {
      const fork = Effect.runForkWith(fiber.context)
      fiber.addObserver((exit) => {
        const kept = new Set(exit._tag === "Failure" ? exit.cause.reasons.map(Causes.payload) : [])
        const dropped = failures.filter((reason) => !kept.has(reason.error))
        fork(log("An interrupted task ends without these failures of its cleanup", dropped))
      })
    }
    return Effect.failCause(Causes.append(interrupt, reasons))
  })

/**
 * The same for an owner that was to return failures as data: those that it held when the interrupt
 * came (the first `before`) are logged, later ones are errors of cleanup and become defects.
 */
export const failInterruptedWithData = <A>(
  owner: string,
  interrupt: Cause.Cause<never>,
  failures: ReadonlyArray<Exit.Failure<A, unknown>>,
  before: number
): Effect.Effect<never> =>
  Effect.andThen(
    log(`An interrupted ${owner} drops failures`, Causes.errors(failures.slice(0, before))),
    Effect.failCause(
      Causes.append(interrupt, Causes.toDefects(Causes.errors(failures.slice(before))))
    )
  )

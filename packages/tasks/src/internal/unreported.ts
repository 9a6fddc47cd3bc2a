/**
 * The last resort of the law "no lost failure": what can reach no caller any more is logged.
 *
 * The level is `References.UnhandledLogLevel` (default `"Error"`), Effect's own for such errors.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as References from "effect/References"

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
 * Logs those typed failures that `fiber` was to end with but did not.
 *
 * Effect drops typed failures when an interrupt skips the handler that would have caught them. The
 * fiber has been interrupted, so it will end soon, and then its exit tells.
 */
export const logIfDropped = (
  fiber: Fiber.Fiber<unknown, unknown>,
  reasons: ReadonlyArray<Cause.Reason<unknown>>
): void => {
  const failures = reasons.filter(Cause.isFailReason)
  if (failures.length === 0) return
  const fork = Effect.runForkWith(fiber.context)
  fiber.addObserver((exit) => {
    const kept = new Set<unknown>()
    if (exit._tag === "Failure") for (const reason of exit.cause.reasons) kept.add(payload(reason))
    const dropped = failures.filter((reason) => !kept.has(reason.error))
    fork(log("An interrupt skipped the handler of these failures", dropped))
  })
}

const payload = (reason: Cause.Reason<unknown>): unknown => {
  if (reason._tag === "Fail") return reason.error
  return reason._tag === "Die" ? reason.defect : undefined
}

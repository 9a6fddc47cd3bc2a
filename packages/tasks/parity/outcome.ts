/** What the scenarios ask about the end of a task. */
import { Cause, Effect, Exit, Fiber } from "effect"

/** The failures and defects of a cause, as text, in their order; its interrupts are left out. */
export const errorsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<string> =>
  cause.reasons.flatMap((reason) => {
    if (reason._tag === "Interrupt") return []
    return [String(reason._tag === "Fail" ? reason.error : reason.defect)]
  })

/** The value of a task, its errors, or that it was cancelled and nothing else. */
export const describeExit = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return String(exit.value)
  return Cause.hasInterruptsOnly(exit.cause) ? "cancelled" : errorsOf(exit.cause).join(" ")
}

/** How a task ends. */
export const describeEnd = (fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<string> =>
  Effect.map(Fiber.await(fiber), describeExit)

/** Whether a task ends by an interrupt, as `task.cancelled()`. */
export const cancelled = (fiber: Fiber.Fiber<unknown, unknown>): Effect.Effect<boolean> =>
  Effect.map(Fiber.await(fiber), Exit.hasInterrupts)

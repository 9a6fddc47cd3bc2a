/** A failure of cleanup under a deadline surfaces, and so does the deadline. */
import { Deadline } from "@fibra/tasks"
import { Cause, Console, Effect } from "effect"

export const main = Effect.onInterrupt(Effect.never, () => Effect.fail("cleanup")).pipe(
  Deadline.within("10 millis", "body"),
  Effect.catchCause((cause) =>
    Effect.gen(function* () {
      const errors = cause.reasons.filter(Cause.isFailReason).map(({ error }) => error)
      yield* Console.log("reported:", ...errors.filter((error) => typeof error === "string"))
      const timeout = errors.some((error) => error instanceof Deadline.DeadlineExceeded)
      yield* Console.log("with the timeout:", timeout ? "yes" : "no")
    })
  )
)

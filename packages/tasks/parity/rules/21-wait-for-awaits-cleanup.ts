/** A deadline waits for the cleanup of its body before it raises. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

const cleanup = Effect.andThen(Effect.sleep("20 millis"), Console.log("cleanup finished"))

export const main = Effect.onInterrupt(Effect.never, () => cleanup).pipe(
  Deadline.within("10 millis", "work"),
  Effect.catchTag("DeadlineExceeded", () => Console.log("timeout"))
)

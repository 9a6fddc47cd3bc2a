/** The body of a deadline sees an interrupt, its caller `DeadlineExceeded`. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.onInterrupt(Effect.never, () => Console.log("body: cancelled")).pipe(
  Deadline.within("10 millis", "body"),
  Effect.catchTag("DeadlineExceeded", () => Console.log("caller: timeout"))
)

/** Work cannot suppress the interrupt of its deadline. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

const work = Effect.catchCause(Effect.never, () => Effect.succeed("a value"))

export const main = work.pipe(
  Deadline.within("10 millis", "work"),
  Effect.flatMap((value) => Console.log("result:", value)),
  Effect.catchTag("DeadlineExceeded", () => Console.log("result: timeout"))
)

/** A failure of cleanup wins over the deadline: who catches only the deadline does not catch it. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

const work = Effect.onInterrupt(Effect.never, () => Effect.fail("cleanup"))

const load = work.pipe(
  Deadline.within("10 millis", "work"),
  Effect.catchTag("DeadlineExceeded", () => Console.log("caught the timeout"))
)

export const main = load.pipe(
  Effect.andThen(Console.log("the failure of cleanup is lost")),
  Effect.catch((error) => Console.log("reported:", error))
)

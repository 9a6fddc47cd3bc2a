/** What becomes of the siblings of the first task of a gather that fails. */
import { Task } from "@fibra/tasks"
import { Console, Effect } from "effect"

const fail = Effect.andThen(Effect.sleep("10 millis"), Effect.fail("error"))

const sibling = Effect.andThen(Effect.sleep("200 millis"), Console.log("sibling: finished")).pipe(
  Effect.onInterrupt(() => Console.log("sibling: cancelled"))
)

export const main = Task.gather([sibling, fail]).pipe(
  Effect.catch((error) => Console.log("gather:", error))
)

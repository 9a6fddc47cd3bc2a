/** A body that fails cancels the children, and is reported together with their errors. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect } from "effect"
import { errorsOf } from "../outcome.ts"

const child = Effect.onInterrupt(Effect.never, () =>
  Effect.andThen(Console.log("child cancelled"), Effect.fail("cleanup"))
)

export const main = TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
  Effect.gen(function* () {
    yield* group.spawn(child)
    yield* Effect.sleep("10 millis")
    return yield* Effect.fail("body")
  })
).pipe(Effect.catchCause((cause) => Console.log("reported:", ...errorsOf(cause).toSorted())))

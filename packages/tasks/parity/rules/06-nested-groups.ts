/** A group inside a group reports the errors of both. */
import { TaskGroup } from "@fibra/tasks"
import { Cause, Console, Context, Effect } from "effect"

const failInCleanup = Effect.onInterrupt(Effect.never, () => Effect.fail("inner"))

const inner = TaskGroup.run(
  (group: TaskGroup.TaskGroup<string>) => group.spawn(failInCleanup, { name: "child" }),
  { name: "inner" }
)

type Errors = string | TaskGroup.GroupClosed

const fail = Effect.andThen(Effect.sleep("10 millis"), Effect.fail("outer"))

/** Each error with the path of its task. */
const show = (cause: Cause.Cause<Errors>) =>
  cause.reasons.filter(Cause.isFailReason).map((reason) => {
    const path = Context.getOrUndefined(Cause.reasonAnnotations(reason), TaskGroup.FailedTask)
    return `${reason.error} (${path})`
  })

export const main = TaskGroup.run(
  (group: TaskGroup.TaskGroup<Errors>) =>
    Effect.gen(function* () {
      yield* group.spawn(inner, { name: "group" })
      yield* group.spawn(fail, { name: "child" })
    }),
  { name: "outer" }
).pipe(Effect.catchCause((cause) => Console.log("reported:", show(cause).join(", "))))

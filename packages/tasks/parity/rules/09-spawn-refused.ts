/** A group that aborts or has ended starts nothing any more. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect } from "effect"

const spawn = (group: TaskGroup.TaskGroup<string>, when: string) =>
  group.spawn(Effect.yieldNow).pipe(
    Effect.andThen(Console.log(`spawn ${when}: started`)),
    Effect.catchTag("GroupClosed", () => Console.log(`spawn ${when}: refused`))
  )

const child = (group: TaskGroup.TaskGroup<string>) =>
  Effect.onInterrupt(Effect.never, () => spawn(group, "while the group aborts"))

export const main = Effect.gen(function* () {
  let ended: TaskGroup.TaskGroup<string>
  yield* TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
    Effect.gen(function* () {
      ended = group
      yield* group.spawn(child(group))
      yield* Effect.sleep("10 millis")
      return yield* Effect.fail("body")
    })
  ).pipe(Effect.catch(() => spawn(ended, "after the group ended")))
})

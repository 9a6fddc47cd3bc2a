/** Children may spawn while the group drains, and the group waits for what they spawned. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect } from "effect"

const grandchild = Effect.gen(function* () {
  yield* Effect.sleep("10 millis")
  yield* Console.log("grandchild finished")
})

const child = (group: TaskGroup.TaskGroup<TaskGroup.GroupClosed>) =>
  Effect.gen(function* () {
    yield* Effect.sleep("10 millis")
    yield* group.spawn(grandchild)
    yield* Console.log("child finished")
  })

export const main = Effect.gen(function* () {
  yield* TaskGroup.run((group: TaskGroup.TaskGroup<TaskGroup.GroupClosed>) =>
    Effect.gen(function* () {
      yield* group.spawn(child(group))
      yield* Console.log("body finished")
    })
  )
  yield* Console.log("group finished")
})

/** A group that was not entered, or was entered before, cannot be written. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.gen(function* () {
  const groups = new Set<unknown>()
  // The group exists only inside of its body: there is none to spawn in before.
  const description = TaskGroup.run((group) =>
    Effect.gen(function* () {
      groups.add(group)
      yield* group.spawn(Effect.void)
    })
  )
  yield* description
  yield* Console.log("spawn before entering: a group is open from its first moment")
  // What can be kept and run twice is the description, and each run has a group of its own.
  yield* description
  yield* Console.log("entering twice:", groups.size, "groups")
})

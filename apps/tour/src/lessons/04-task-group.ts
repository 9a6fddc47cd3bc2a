/** A task group: it owns what is started in it, and ends when all of it has. */
import assert from "node:assert/strict"
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect } from "effect"

type Failing = TaskGroup.TaskGroup<string>

export const main = Effect.gen(function* () {
  const done: Array<number> = []

  const visit = (
    group: TaskGroup.TaskGroup,
    depth: number
  ): Effect.Effect<void, TaskGroup.GroupClosed> =>
    Effect.gen(function* () {
      yield* Effect.sleep("10 millis")
      done.push(depth)
      if (depth < 3) yield* spawn(group, depth + 1)
    })
  const spawn = (group: TaskGroup.TaskGroup, depth: number) =>
    group.spawn(Effect.orDie(visit(group, depth)), { name: `depth ${depth}` })

  yield* TaskGroup.run((group) => spawn(group, 1), { name: "visit" })
  yield* Console.log("visited:", done.join(" "))
  assert.deepEqual(done, [1, 2, 3])

  const ended: Array<string> = []
  const slow = Effect.onInterrupt(Effect.sleep("10 seconds"), () =>
    Effect.sync(() => void ended.push("slow"))
  )
  const broken = Effect.andThen(
    Effect.sleep("10 millis"),
    Effect.fail("broken")
  )
  const both = (group: Failing) =>
    Effect.gen(function* () {
      yield* group.spawn(slow, { name: "slow" })
      yield* group.spawn(broken, { name: "broken" })
    })

  const error = yield* Effect.flip(TaskGroup.run(both))
  yield* Console.log("failed with:", error)
  yield* Console.log("ended before that was told:", ended.join(" "))
  assert.deepEqual(ended, ["slow"])

  // Supervised, each task fails alone, and a report says which.
  const report = yield* TaskGroup.run(
    (group: Failing) => group.spawn(broken, { name: "broken" }),
    { policy: "supervise" }
  )
  assert.deepEqual(report.failed[0]?.name, "broken")
})

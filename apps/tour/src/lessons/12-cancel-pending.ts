/** Tasks, a time limit, and an end for those that are still pending. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Cause, Console, Effect } from "effect"

export const main = Effect.gen(function* () {
  const cleaned: Array<string> = []

  const ask = (server: string, millis: number) =>
    Effect.as(Effect.sleep(millis), server).pipe(
      Effect.onInterrupt(() => Effect.sync(() => void cleaned.push(server))),
      Task.named(server)
    )

  const refuse = Effect.fail("refused").pipe(Task.named("c"))

  // The whole of create_task, wait, cancel and gather, in one call. It
  // returns when all of them have ended, those that it interrupted too.
  const { failed, interrupted, succeeded } = yield* Task.collect(
    [ask("a", 50), ask("b", 10_000), refuse, ask("d", 10_000)],
    { within: "200 millis" }
  )

  const answers = succeeded.map(({ value }) => value)
  const errors = failed.map(({ cause }) => Cause.squash(cause))
  yield* Console.log("answers:", answers.join(" "))
  yield* Console.log("errors:", errors.join(" "))
  yield* Console.log("cancelled, and cleaned up:", cleaned.toSorted().join(" "))
  assert.deepEqual(answers, ["a"])
  assert.deepEqual(cleaned.toSorted(), ["b", "d"])
  // Each is in one of the three lists, by its place among the arguments.
  assert.deepEqual(interrupted, [1, 3])
})

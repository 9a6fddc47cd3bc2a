/** shield: whoever waits may give up, and the work goes on. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, Option } from "effect"

export const main = Effect.gen(function* () {
  const saved: Array<string> = []

  const save = Effect.gen(function* () {
    yield* Effect.sleep("500 millis")
    saved.push("order 7")
    return "saved"
  }).pipe(Task.named("save"))

  // A task of the scope, which ends it at the latest; and how to wait for it.
  const result = yield* Task.shield(save)
  const inTime = yield* Effect.timeoutOption(result, "20 millis")
  if (Option.isNone(inTime)) yield* Console.log("the waiter: gave up")
  assert.deepEqual(saved, [])

  yield* Console.log("the work:", yield* result)
  assert.deepEqual(saved, ["order 7"])
})

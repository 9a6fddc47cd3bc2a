/** gather: results in the order of the arguments, whoever ends first. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Cause, Console, Effect, Exit } from "effect"

export const main = Effect.gen(function* () {
  const ended: Array<number> = []

  const fetch = (page: number, millis: number) =>
    Effect.sync(() => {
      ended.push(page)
      return `page ${page}`
    }).pipe(Effect.delay(millis), Task.named(`page ${page}`))

  const pages = yield* Task.gather([fetch(1, 150), fetch(2, 100), fetch(3, 50)])
  yield* Console.log("ended:", ended.join(" "))
  yield* Console.log("results:", pages.join(", "))
  assert.deepEqual(ended, [3, 2, 1])
  assert.deepEqual(pages, ["page 1", "page 2", "page 3"])

  const fail = Effect.fail("404")

  // In place of return_exceptions: each result is an Exit, with its types.
  const [four, failed] = yield* Task.gather([fetch(4, 50), fail], {
    mode: "settle"
  })
  assert.ok(Exit.isSuccess(four) && Exit.isFailure(failed))
  const why = Cause.squash(failed.cause)
  yield* Console.log("settled:", four.value, "and", why)

  // The first failure ends the others too, and waits for their cleanup.
  let sibling = "still running"
  const five = Effect.onInterrupt(fetch(5, 50), () =>
    Effect.sync(() => (sibling = "interrupted"))
  )
  const error = yield* Effect.flip(Task.gather([five, fail]))
  yield* Console.log("failed:", error)
  yield* Console.log("its sibling:", sibling)
  assert.equal(sibling, "interrupted")
})

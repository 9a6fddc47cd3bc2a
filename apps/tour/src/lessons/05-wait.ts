/** wait with a timeout: take what is done by then, decide about the rest. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

const ask = (mirror: string, millis: number) =>
  Effect.as(Effect.sleep(millis), mirror).pipe(Task.named(mirror))

export const main = Effect.gen(function* () {
  const fast = yield* Effect.forkChild(ask("fast", 50))
  const middle = yield* Effect.forkChild(ask("middle", 150))
  const slow = yield* Effect.forkChild(ask("slow", 10_000))

  const first = yield* Task.wait([fast, middle, slow], { until: "first" })
  yield* Console.log("first:", yield* Fiber.join(first.done[0]!))

  const { done, pending } = yield* Task.wait([fast, middle, slow], {
    until: "all",
    timeout: "200 millis"
  })
  const results = yield* Fiber.joinAll(done)
  assert.deepEqual(results, ["fast", "middle"])
  assert.deepEqual(pending, [slow])
  yield* Console.log("in time:", results.join(" "))

  // Waiting stops nobody: the slow one still runs, until somebody ends it.
  assert.equal(slow.pollUnsafe(), undefined)
  yield* Console.log("still running:", pending.length)
  yield* Fiber.interruptAll(pending)
  assert.notEqual(slow.pollUnsafe(), undefined)
  yield* Console.log("after the interrupt: 0")
})

/** wait_for and timeout: give up after a time, when cleanup is over. */
import assert from "node:assert/strict"
import { Deadline, Task } from "@fibra/tasks"
import { Console, Duration, Effect } from "effect"

export const main = Effect.gen(function* () {
  const log: Array<string> = []

  const load = (name: string, millis: number) =>
    Effect.as(Effect.sleep(millis), "loaded").pipe(
      Effect.onInterrupt(() =>
        Effect.sync(() => log.push("connection closed")).pipe(
          Effect.delay("10 millis")
        )
      ),
      Task.named(name)
    )

  const fast = load("fast", 10).pipe(Deadline.within("1 second", "fast"))
  yield* Console.log("fast:", yield* fast)

  const slow = load("slow", 10_000).pipe(Deadline.within("50 millis", "slow"))
  const error = yield* Effect.flip(slow)
  log.push("timeout")
  yield* Console.log("slow:", log.join(", "))
  assert.deepEqual(log, ["connection closed", "timeout"])
  // The error says whose deadline it was.
  assert.equal(error.label, "slow")

  // The deadline can be moved while its body runs, and read by all it calls.
  const moved = Deadline.within(
    "50 millis",
    "moved"
  )((deadline) =>
    Effect.gen(function* () {
      yield* deadline.extend("10 seconds")
      const left = yield* Deadline.remaining
      assert.ok(Duration.isGreaterThan(left, Duration.seconds(9)))
      return yield* load("moved", 100)
    })
  )
  yield* Console.log("moved:", yield* moved)
})

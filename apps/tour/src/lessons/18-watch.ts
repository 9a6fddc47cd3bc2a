/** Watching: how often work is late, cancelled or failed, and which it was. */
import assert from "node:assert/strict"
import { Deadline, Task } from "@fibra/tasks"
import { Cause, Console, Effect, Exit, Fiber } from "effect"

export const main = Effect.gen(function* () {
  const counts = { done: 0, failed: 0, late: 0, cancelled: 0 }
  const late: Array<string> = []

  // Sees every end: a value, an error, a deadline, an interrupt.
  const watch = Effect.onExit(
    (exit: Exit.Exit<void, string | Deadline.DeadlineExceeded>) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit)) counts.done++
        else if (Cause.hasInterruptsOnly(exit.cause)) counts.cancelled++
        else {
          const error = Cause.squash(exit.cause)
          if (error instanceof Deadline.DeadlineExceeded) {
            counts.late++
            late.push(error.label)
          } else counts.failed++
        }
      })
  )

  const start = (name: string, job: Effect.Effect<void, string>, limit = 100) =>
    job.pipe(
      Deadline.within(limit, name),
      watch,
      Task.named(name),
      Effect.forkChild
    )

  const broken = Effect.delay(Effect.fail("broken"), "20 millis")
  const fibers = [
    yield* start("quick", Effect.sleep("10 millis")),
    yield* start("broken", broken),
    yield* start("slow", Effect.sleep("10 seconds"))
  ]
  const hour = Effect.sleep("1 hour")
  const unwanted = yield* start("unwanted", hour, 20_000)
  yield* Effect.sleep("50 millis")
  yield* Fiber.interrupt(unwanted)
  yield* Fiber.awaitAll(fibers)

  const entries = Object.entries(counts)
  yield* Console.log(entries.map((entry) => entry.join(" ")).join(", "))
  yield* Console.log("late:", late.join(" "))
  assert.deepEqual(new Set(Object.values(counts)), new Set([1]))
})

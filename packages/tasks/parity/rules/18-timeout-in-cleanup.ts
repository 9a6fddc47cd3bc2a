/** Deadlines work inside the cleanup of an interrupted task. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const cleanup = Effect.gen(function* () {
  yield* Effect.never.pipe(
    Deadline.within("10 millis", "step of cleanup"),
    Effect.catchTag("DeadlineExceeded", ({ label }) => Console.log(`${label}: timeout`))
  )
  yield* Effect.sleep("10 millis")
  yield* Console.log("cleanup goes on")
})

export const main = Effect.gen(function* () {
  const task = yield* Effect.forkChild(Effect.onInterrupt(Effect.never, () => cleanup))
  yield* Effect.yieldNow
  yield* Fiber.interrupt(task)
  yield* Console.log("task cancelled:", (yield* cancelled(task)) ? "yes" : "no")
})

/** An error or an interrupt that is not the deadline's own is never relabelled as a timeout. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const underTimeout = <E>(work: Effect.Effect<void, E>) =>
  work.pipe(
    Deadline.within("1 minute", "work"),
    Effect.tapError((error) => Console.log("caller sees:", error))
  )

export const main = Effect.gen(function* () {
  yield* Effect.ignore(underTimeout(Effect.fail("error")))
  const task = yield* Effect.forkChild(underTimeout(Effect.never))
  yield* Effect.yieldNow
  yield* Fiber.interrupt(task)
  yield* Console.log("caller sees:", (yield* cancelled(task)) ? "cancel" : "no cancel")
})

/** What a task that handles its own interrupt does next. */
import { Console, Effect, Fiber } from "effect"
import { describeEnd } from "../outcome.ts"

const work = Effect.gen(function* () {
  yield* Effect.catchCause(Effect.never, () => Console.log("catches the cancel"))
  yield* Effect.sleep("10 millis")
  return "goes on"
})

// What must not be interrupted says so before: it is masked.
const masked = Effect.uninterruptible(
  Effect.andThen(Effect.sleep("10 millis"), Console.log("masked work: finished"))
)

const cancel = (work: Effect.Effect<unknown>) =>
  Effect.gen(function* () {
    const task = yield* Effect.forkChild(work)
    yield* Effect.yieldNow
    yield* Fiber.interrupt(task)
    yield* Console.log("task:", yield* describeEnd(task))
  })

export const main = Effect.andThen(cancel(work), cancel(masked))

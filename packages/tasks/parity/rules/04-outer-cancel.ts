/** Cancelling the owner reaches body and children, waits for them, and stays a pure cancellation. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { describeEnd } from "../outcome.ts"

const child = Effect.onInterrupt(Effect.never, () =>
  Effect.andThen(Effect.sleep("20 millis"), Console.log("child cleaned up"))
)

const owner = TaskGroup.run((group) =>
  Effect.gen(function* () {
    yield* group.spawn(child)
    yield* Effect.onInterrupt(Effect.never, () => Console.log("body cancelled"))
  })
)

export const main = Effect.gen(function* () {
  const task = yield* Effect.forkChild(owner)
  yield* Effect.sleep("10 millis")
  yield* Fiber.interrupt(task)
  yield* Console.log("owner:", yield* describeEnd(task))
})

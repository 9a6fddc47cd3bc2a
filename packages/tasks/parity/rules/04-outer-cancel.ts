/** Cancelling the owner reaches body and children, waits for them, and stays a pure cancellation. */
import { Event, TaskGroup } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { describeEnd } from "../outcome.ts"

const child = (started: Event.Event) =>
  Effect.andThen(started.set, Effect.never).pipe(
    Effect.onInterrupt(() =>
      Effect.andThen(Effect.sleep("20 millis"), Console.log("child cleaned up"))
    )
  )

const owner = (started: Event.Event) =>
  TaskGroup.run((group) =>
    Effect.gen(function* () {
      yield* group.spawn(child(started))
      return yield* Effect.onInterrupt(Effect.never, () => Console.log("body cancelled"))
    })
  )

export const main = Effect.gen(function* () {
  const started = yield* Event.make()
  const task = yield* Effect.forkChild(owner(started))
  yield* started.await
  yield* Fiber.interrupt(task)
  yield* Console.log("owner:", yield* describeEnd(task))
})

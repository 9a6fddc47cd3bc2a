/** Errors raised in cleanup while the owner is cancelled are reported. */
import { Event, TaskGroup } from "@fibra/tasks"
import { Console, Effect, Exit, Fiber } from "effect"
import { errorsOf } from "../outcome.ts"

const child = (started: Event.Event) =>
  Effect.andThen(started.set, Effect.never).pipe(Effect.onInterrupt(() => Effect.fail("cleanup")))

const owner = (started: Event.Event) =>
  TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
    Effect.gen(function* () {
      yield* group.spawn(child(started))
      return yield* Effect.never
    })
  )

export const main = Effect.gen(function* () {
  const started = yield* Event.make()
  const task = yield* Effect.forkChild(owner(started))
  yield* started.await
  yield* Fiber.interrupt(task)
  const exit = yield* Fiber.await(task)
  yield* Console.log("reported:", ...(Exit.isFailure(exit) ? errorsOf(exit.cause) : []))
  yield* Console.log("still cancelled:", Exit.hasInterrupts(exit) ? "yes" : "no")
})

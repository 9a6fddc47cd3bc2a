/** Errors raised in cleanup while the owner is cancelled are reported. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect, Exit, Fiber } from "effect"
import { errorsOf } from "../outcome.ts"

const child = Effect.onInterrupt(Effect.never, () => Effect.fail("cleanup"))

const owner = TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
  Effect.gen(function* () {
    yield* group.spawn(child)
    yield* Effect.never
  })
)

export const main = Effect.gen(function* () {
  const task = yield* Effect.forkChild(owner)
  yield* Effect.sleep("10 millis")
  yield* Fiber.interrupt(task)
  const exit = yield* Fiber.await(task)
  yield* Console.log("reported:", ...(Exit.isFailure(exit) ? errorsOf(exit.cause) : []))
  yield* Console.log("still cancelled:", Exit.hasInterrupts(exit) ? "yes" : "no")
})

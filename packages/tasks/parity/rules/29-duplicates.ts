/** What the same work passed twice does. */
import { Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

export const main = Effect.gen(function* () {
  let runs = 0
  const work = Effect.sync(() => ++runs)

  yield* Console.log("a coroutine twice:", ...(yield* Task.gather([work, work])))
  runs = 0
  const task = yield* Effect.forkChild(work)
  yield* Console.log("a task twice:", ...(yield* Fiber.joinAll([task, task])))
})

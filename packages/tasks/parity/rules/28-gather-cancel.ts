/** Interrupting a gather interrupts all of its tasks; once all are done it changes nothing. */
import { Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const wait = (name: string) =>
  Effect.onInterrupt(Effect.never, () => Console.log(`${name}: cancelled`))

export const main = Effect.gen(function* () {
  const running = yield* Effect.forkChild(Task.gather([wait("a"), wait("b")]))
  yield* Effect.yieldNow
  yield* Fiber.interrupt(running)
  yield* Console.log("gather:", (yield* cancelled(running)) ? "cancelled" : "finished")
  const finished = yield* Effect.forkChild(Task.gather([Effect.as(Effect.yieldNow, "value")]))
  yield* Fiber.await(finished)
  yield* Fiber.interrupt(finished)
  yield* Console.log("cancelled when done:", ...(yield* Fiber.join(finished)))
})

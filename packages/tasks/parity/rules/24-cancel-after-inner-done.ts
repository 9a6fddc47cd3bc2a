/** An interrupt that arrives when the inner task is already done is not lost. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const wait = (inner: Fiber.Fiber<string>) =>
  Effect.gen(function* () {
    yield* Fiber.join(inner).pipe(Deadline.within("1 minute", "inner"))
    yield* Effect.yieldNow
    yield* Console.log("waiter: goes on")
  })

export const main = Effect.gen(function* () {
  const inner = yield* Effect.forkChild(Effect.as(Effect.yieldNow, "value"))
  const waiter = yield* Effect.forkChild(wait(inner))
  while (inner.pollUnsafe() === undefined) yield* Effect.yieldNow
  yield* Fiber.interrupt(waiter)
  yield* Console.log("inner:", yield* Fiber.join(inner))
  yield* Console.log("waiter:", (yield* cancelled(waiter)) ? "cancelled" : "finished")
})

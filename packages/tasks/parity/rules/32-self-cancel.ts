/** A task that interrupts itself stops at its next step, and is interrupted also if it returns. */
import { Console, Effect, Fiber } from "effect"
import { describeEnd } from "../outcome.ts"

const interruptSelf = Effect.withFiber((fiber) => Effect.sync(() => fiber.interruptUnsafe()))

const suspend = Effect.gen(function* () {
  yield* Effect.uninterruptible(
    Effect.andThen(interruptSelf, Console.log("runs on until it suspends"))
  )
  yield* Effect.yieldNow
  yield* Console.log("goes on")
})

const finish = Effect.as(interruptSelf, "value")

export const main = Effect.forEach(Object.entries({ suspend, finish }), ([name, work]) =>
  Effect.gen(function* () {
    const task = yield* Effect.forkChild(work)
    yield* Fiber.await(task)
    yield* Console.log(`${name}:`, yield* describeEnd(task))
  })
)

/** A deadline of zero returns the value of what is done already, and gives up at a suspension. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

const work = Effect.gen(function* () {
  yield* Console.log("work starts")
  yield* Effect.yieldNow
  yield* Console.log("work goes on")
})

export const main = Effect.gen(function* () {
  const done = yield* Effect.forkChild(Effect.succeed("value"))
  yield* Fiber.await(done)
  yield* Console.log("done already:", yield* Fiber.join(done).pipe(Deadline.within(0, "done")))
  yield* work.pipe(
    Deadline.within(0, "work"),
    Effect.catchTag("DeadlineExceeded", () => Console.log("the rest: timeout"))
  )
})

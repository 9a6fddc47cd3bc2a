/** Cancelling one child is not a failure of the group: its siblings finish. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const work = Effect.gen(function* () {
  yield* Effect.sleep("10 millis")
  yield* Console.log("sibling finished")
})

export const main = Effect.gen(function* () {
  const child = yield* TaskGroup.run((group) =>
    Effect.gen(function* () {
      const child = yield* group.spawn(Effect.sleep("1 hour"))
      yield* group.spawn(work)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(child)
      return child
    })
  )
  yield* Console.log("group ended, child cancelled:", (yield* cancelled(child)) ? "yes" : "no")
})

/** The interrupt inside a group never reaches the code after it; one from outside does. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const fail = Effect.andThen(Effect.sleep("10 millis"), Effect.fail("child"))

const failGroup = (duringCleanup: () => void) =>
  Effect.gen(function* () {
    yield* TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
      Effect.gen(function* () {
        yield* group.spawn(fail)
        return yield* Effect.onInterrupt(Effect.never, () =>
          Effect.andThen(Effect.sync(duringCleanup), Effect.yieldNow)
        )
      })
    ).pipe(Effect.ignore)
    yield* Effect.yieldNow
    yield* Console.log("the code after the group runs")
  })

export const main = Effect.gen(function* () {
  yield* failGroup(() => {})
  const task: Fiber.Fiber<void> = yield* Effect.forkChild(failGroup(() => task.interruptUnsafe()))
  yield* Console.log("cancelled from outside:", (yield* cancelled(task)) ? "yes" : "no")
})

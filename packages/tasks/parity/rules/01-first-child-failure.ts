/** The first child that fails cancels its siblings and the body, and every error is reported. */
import { TaskGroup } from "@fibra/tasks"
import { Console, Effect } from "effect"
import { errorsOf } from "../outcome.ts"

export const main = Effect.gen(function* () {
  const cancelled: Array<string> = []

  const wait = (name: string) =>
    Effect.onInterrupt(Effect.never, () =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => cancelled.push(name))
      )
    )

  const failInCleanup = Effect.onInterrupt(Effect.never, () => Effect.fail("cleanup"))

  const fail = Effect.andThen(Effect.sleep("10 millis"), Effect.fail("child"))

  yield* TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
    Effect.gen(function* () {
      yield* group.spawn(wait("sibling"))
      yield* group.spawn(failInCleanup)
      yield* group.spawn(fail)
      return yield* wait("body")
    })
  ).pipe(
    Effect.catchCause((cause) =>
      Effect.gen(function* () {
        yield* Console.log("cancelled and awaited:", ...cancelled.toSorted())
        yield* Console.log("reported:", ...errorsOf(cause).toSorted())
      })
    )
  )
})

/** A defect, which no caller expects, is reported beside the typed errors of the group. */
import { TaskGroup } from "@fibra/tasks"
import { Cause, Console, Effect } from "effect"

const fail = Effect.andThen(Effect.sleep("10 millis"), Effect.fail("child"))

export const main = TaskGroup.run((group: TaskGroup.TaskGroup<string>) =>
  Effect.gen(function* () {
    yield* group.spawn(fail)
    return yield* Effect.onInterrupt(Effect.never, () => Effect.die("stop"))
  })
).pipe(
  Effect.catchCause(({ reasons }) =>
    Effect.gen(function* () {
      const defects = reasons.filter(Cause.isDieReason).map(({ defect }) => defect)
      yield* Console.log("group ended by:", ...defects)
      const errors = reasons.filter(Cause.isFailReason).map(({ error }) => error)
      yield* Console.log("error of the child:", ...errors)
    })
  )
)

/** A deadline can be moved or cleared while it is active, and no longer once it is over. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

const move = (deadline: Deadline.Deadline, which: string) =>
  deadline
    .extend("1 minute")
    .pipe(Effect.catchTag("DeadlineFinished", () => Console.log(`moving ${which}: refused`)))

export const main = Effect.gen(function* () {
  yield* Deadline.within(
    "10 millis",
    "moved"
  )((deadline) =>
    Effect.gen(function* () {
      yield* move(deadline, "an active timeout")
      yield* Effect.sleep("30 millis")
      yield* Console.log("moved: the body ran on")
    })
  )
  const finished = yield* Deadline.within(
    "10 millis",
    "cleared"
  )((deadline) =>
    Effect.gen(function* () {
      yield* deadline.clear
      yield* Effect.sleep("30 millis")
      yield* Console.log("cleared: the body ran on")
      return deadline
    })
  )
  yield* move(finished, "a finished timeout")
  let expired = finished
  yield* Deadline.within(
    "10 millis",
    "expired"
  )((deadline) =>
    Effect.suspend(() => {
      expired = deadline
      return Effect.never
    })
  ).pipe(Effect.catchTag("DeadlineExceeded", () => move(expired, "an expired timeout")))
})

/** A deadline of zero or less lets the body run to its first suspension, even of no time. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

const body = Effect.gen(function* () {
  yield* Console.log("body starts")
  yield* Effect.yieldNow
  yield* Console.log("body goes on")
})

export const main = Effect.forEach([0, -1], (delay) =>
  body.pipe(
    Deadline.within(delay, "body"),
    Effect.catchTag("DeadlineExceeded", () => Console.log("timeout"))
  )
)

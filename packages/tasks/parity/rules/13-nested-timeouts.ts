/** Of two nested deadlines that end together only the outer one raises. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.never.pipe(
  Deadline.within("10 millis", "inner"),
  Effect.tapError(() => Console.log("inner: timeout")),
  Effect.onInterrupt(() => Console.log("inner: cancelled")),
  Deadline.within("10 millis", "outer"),
  Effect.catchTag("DeadlineExceeded", ({ label }) =>
    Effect.gen(function* () {
      yield* Console.log("outer: timeout")
      yield* Console.log("the error names:", label)
    })
  )
)

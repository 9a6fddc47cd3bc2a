/** After a busy loop the inner deadline, caught, does not interrupt the outer one. */
import { Deadline } from "@fibra/tasks"
import { Console, Effect } from "effect"

const busy = Effect.sync(() => {
  const end = performance.now() + 50
  while (performance.now() < end);
})

export const main = Effect.gen(function* () {
  yield* Effect.gen(function* () {
    yield* Effect.andThen(busy, Effect.never).pipe(
      Deadline.within("10 millis", "inner"),
      Effect.catchTag("DeadlineExceeded", () => Console.log("inner: timeout"))
    )
    yield* Effect.sleep("10 millis")
    yield* Console.log("outer: runs on")
  }).pipe(Deadline.within("1 minute", "outer"))
  yield* Effect.andThen(busy, Effect.never).pipe(
    Deadline.within("20 millis", "late"),
    Effect.catchTag("DeadlineExceeded", () => Console.log("a late timeout still comes"))
  )
})

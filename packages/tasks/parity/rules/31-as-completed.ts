/** asCompleted gives each result once, as it comes; a deadline shows at the next pull. */
import { Deadline, Task } from "@fibra/tasks"
import { Console, Effect, Stream } from "effect"

const after = (millis: number, value: string) => Effect.as(Effect.sleep(millis), value)

const asCompleted = (works: ReadonlyArray<Effect.Effect<string>>) =>
  Task.asCompleted(works, { concurrency: "unbounded" })

export const main = Effect.gen(function* () {
  const works = [after(90, "c"), after(10, "a"), after(50, "b")]
  yield* Stream.runForEach(asCompleted(works), (value) => Console.log("completed:", value))

  const pull = yield* Stream.toPull(asCompleted([after(10, "first"), after(150, "second")]))
  yield* Console.log("before the pause:", ...(yield* pull))
  yield* Console.log("after the pause:", ...(yield* pull))

  yield* asCompleted([after(0, "quick"), after(3_600_000, "slow")]).pipe(
    Stream.runForEach((value) => Console.log("in time:", value)),
    Deadline.within("100 millis", "all"),
    Effect.catchTag("DeadlineExceeded", () => Console.log("the next one: timeout"))
  )
}).pipe(Effect.scoped)

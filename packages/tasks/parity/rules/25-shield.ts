/** Interrupting the waiter interrupts the work; shielded work runs on, its result stays readable. */
import { Deadline, Event, Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

const work = (release: Event.Event) =>
  Effect.as(release.await, "value").pipe(Effect.onInterrupt(() => Console.log("work: cancelled")))

const cancel = (waiter: Fiber.Fiber<unknown, unknown>) =>
  Effect.gen(function* () {
    yield* Effect.repeat(Effect.yieldNow, { times: 2 })
    yield* Fiber.interrupt(waiter)
    yield* Console.log("waiter:", (yield* cancelled(waiter)) ? "cancelled" : "finished")
  })

export const main = Effect.gen(function* () {
  const release = yield* Event.make()
  yield* cancel(yield* Effect.forkChild(work(release).pipe(Deadline.within("1 minute", "work"))))

  const shielded = yield* Task.shield(work(release))

  yield* cancel(yield* Effect.forkChild(shielded))
  yield* release.set
  yield* Console.log("shielded work:", yield* shielded)
}).pipe(Effect.scoped)

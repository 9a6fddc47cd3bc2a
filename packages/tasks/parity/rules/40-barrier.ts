/** A barrier gives each party its own index, lets an interrupted one leave, and can break. */
import { Barrier, Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

export const main = Effect.gen(function* () {
  const barrier = yield* Barrier.make(3)

  const arrive = (when: string) =>
    Effect.catchTag(barrier.await, "BarrierBroken", () => Console.log(`${when}: broken`))

  const start = (when: string) => Effect.forkChild(arrive(when), { startImmediately: true })

  const meet = (when: string) =>
    Effect.gen(function* () {
      const indices = yield* Task.gather([arrive(when), arrive(when), arrive(when)])
      yield* Console.log(`${when}: indices`, ...indices.toSorted())
    })

  yield* Fiber.interrupt(yield* start("cancelled"))
  yield* Console.log("waiting after the cancel:", (yield* barrier.snapshot).waiting)
  yield* meet("after the cancel")
  let waiter = yield* start("before the reset")
  yield* barrier.reset
  yield* Fiber.await(waiter)
  yield* meet("after the reset")
  waiter = yield* start("before the abort")
  yield* barrier.abort
  yield* Fiber.await(waiter)
  yield* arrive("after the abort")
})

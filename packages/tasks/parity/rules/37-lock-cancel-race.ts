/** A release that meets an interrupted waiter wakes exactly one live waiter. */
import { Event, Lock } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

export const main = Effect.gen(function* () {
  const lock = yield* Lock.make()

  const start = (name: string) =>
    Effect.gen(function* () {
      const entered = yield* Event.make()
      const leave = yield* Event.make()
      const visit = Effect.gen(function* () {
        yield* Console.log(`${name} enters`)
        yield* entered.set
        yield* leave.await
      })
      const task = yield* Effect.forkChild(lock.withLock(visit), { startImmediately: true })
      return { entered, leave, task }
    })

  const a = yield* start("a")
  const b = yield* start("b")
  const c = yield* start("c")
  const d = yield* start("d")
  yield* a.entered.await
  yield* a.leave.set
  b.task.interruptUnsafe()
  yield* c.entered.await
  yield* Fiber.awaitAll([a.task, b.task])
  yield* Console.log("b cancelled:", (yield* cancelled(b.task)) ? "yes" : "no")
  yield* Console.log("d entered with c:", (yield* d.entered.isSet) ? "yes" : "no")
  yield* c.leave.set
  yield* d.leave.set
  yield* Fiber.awaitAll([c.task, d.task])
  const { owner } = yield* lock.snapshot
  yield* Console.log("locked at the end:", owner === undefined ? "no" : "yes")
})

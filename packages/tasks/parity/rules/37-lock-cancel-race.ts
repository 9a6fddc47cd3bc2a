/** A release that meets an interrupted waiter wakes exactly one live waiter. */
import { Event, Lock } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled } from "../outcome.ts"

export const main = Effect.gen(function* () {
  const lock = yield* Lock.make()
  const gate = yield* Event.make()

  const enter = (name: string) =>
    Effect.gen(function* () {
      yield* Console.log(`${name} enters`)
      yield* gate.await
    }).pipe(lock.withLock, Effect.andThen(Console.log(`${name} left`)))

  const [a, b, c, d] = yield* Effect.all(
    ["a", "b", "c", "d"].map((name) => Effect.forkChild(enter(name), { startImmediately: true }))
  )
  yield* gate.set
  b!.interruptUnsafe()
  yield* gate.clear
  yield* Effect.sleep("10 millis")
  yield* Console.log("b cancelled:", (yield* cancelled(b!)) ? "yes" : "no")
  yield* gate.set
  yield* Fiber.joinAll([a!, c!, d!])
  const { owner } = yield* lock.snapshot
  yield* Console.log("locked at the end:", owner === undefined ? "no" : "yes")
})

/** An interrupted waiter of a condition holds the lock again, and passes the notify on. */
import { Condition, Event, Lock } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

export const main = Effect.gen(function* () {
  const lock = yield* Lock.make()
  const condition = yield* Condition.make(lock)

  const wait = (name: string) =>
    condition.await.pipe(
      Effect.andThen(Console.log(`${name}: notified`)),
      Effect.onInterrupt(() =>
        Effect.gen(function* () {
          const { owner } = yield* lock.snapshot
          const held = owner === undefined ? "no" : "yes"
          yield* Console.log(`${name}: cancelled, holds the lock:`, held)
        })
      ),
      lock.withLock
    )

  const first = yield* Effect.forkChild(wait("first"), { startImmediately: true })
  const second = yield* Effect.forkChild(wait("second"), { startImmediately: true })
  yield* Effect.gen(function* () {
    yield* condition.notify(1)
    first.interruptUnsafe()
    yield* Effect.yieldNow
    yield* Console.log("notifier: leaves")
  }).pipe(lock.withLock)
  yield* Fiber.awaitAll([first, second])

  const event = yield* Event.make()
  const waiter = yield* Effect.forkChild(event.await)
  yield* Effect.yieldNow
  yield* event.set
  yield* event.clear
  yield* Fiber.join(waiter)
  yield* Console.log("event set and cleared: the waiter went on")
})

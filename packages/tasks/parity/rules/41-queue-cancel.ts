/** A reader or writer that is interrupted while it wakes loses no item, and leaves no trace. */
import { WorkQueue } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import { cancelled, describeEnd } from "../outcome.ts"

export const main = Effect.gen(function* () {
  const queue = yield* WorkQueue.make<string>({ capacity: 1 })
  const reader = yield* Effect.forkChild(queue.take)
  yield* Effect.yieldNow
  yield* queue.offer("a")
  yield* Fiber.interrupt(reader)
  const readerGone = yield* cancelled(reader)
  yield* Console.log("read:", readerGone ? yield* queue.take : yield* describeEnd(reader))

  yield* queue.offer("b")
  const writer = yield* Effect.forkChild(queue.offer("c"))
  yield* Effect.yieldNow
  yield* Console.log("read:", yield* queue.take)
  yield* Fiber.interrupt(writer)
  if (yield* cancelled(writer)) yield* queue.offer("c")
  yield* Console.log("read:", yield* queue.take)
  const { size } = yield* queue.snapshot
  yield* Console.log("left:", size)
})

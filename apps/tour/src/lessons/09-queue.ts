/** Producer and consumers: a bounded queue that knows when all is done. */
import assert from "node:assert/strict"
import { Task, WorkQueue } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

export const main = Effect.gen(function* () {
  const queue = yield* WorkQueue.make<number>({ capacity: 2, name: "items" })
  const handled: Array<number> = []

  // Waits while the queue is full: this is the backpressure.
  const produce = Effect.forEach([1, 2, 3, 4, 5, 6], queue.offer)

  // An item is done when its run ends: no task_done to forget.
  const consumer = (name: string) =>
    queue
      .consume((item) =>
        Effect.delay(
          Effect.sync(() => handled.push(item)),
          "10 millis"
        )
      )
      .pipe(Task.named(name), Effect.forkChild)

  const consumers = [
    yield* consumer("consumer 1"),
    yield* consumer("consumer 2")
  ]
  yield* produce.pipe(Task.named("producer"))
  yield* queue.join
  const { size } = yield* queue.snapshot
  yield* Console.log("handled:", handled.toSorted().join(" "))
  yield* Console.log("left in the queue:", size)
  assert.deepEqual(handled.toSorted(), [1, 2, 3, 4, 5, 6])

  // They end by themselves once the queue is shut down and empty.
  yield* queue.shutdown()
  yield* Fiber.joinAll(consumers)
})

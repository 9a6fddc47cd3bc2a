/** Points of concurrency: a program that tells where its tasks wait. */
import assert from "node:assert/strict"
import { Lock, Semaphore, Task, Waits, WorkQueue } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

// Names are the documentation: of tasks, and of what they wait for.
const kitchen = Effect.gen(function* () {
  const stove = yield* Semaphore.make(1, { name: "stove" })
  const book = yield* Lock.make({ name: "order book" })
  const orders = yield* WorkQueue.make<string>({ capacity: 1, name: "orders" })

  const write = Effect.sleep("5 millis").pipe(book.withLock)
  const cook = (order: string) =>
    Effect.sleep("10 millis").pipe(
      stove.withPermit,
      Effect.andThen(write),
      Task.named(order)
    )

  const waiter = yield* Effect.forEach(
    ["soup", "fish", "cake"],
    orders.offer
  ).pipe(Task.named("waiter"), Effect.forkChild)
  yield* Task.gather([cook("tea"), cook("rice")])
  yield* orders.take
  yield* orders.take
  yield* Fiber.join(waiter)
}).pipe(Task.named("kitchen"))

export const main = Effect.gen(function* () {
  const points = new Set<string>()
  const listener: Waits.Listener = {
    waiting: (fiber, { kind, name }) => {
      if (name !== undefined)
        points.add(`${Waits.taskName(fiber)}: ${kind} "${name}"`)
    },
    waited: () => {}
  }
  yield* Effect.provideService(kitchen, Waits.Observer, listener)

  // A list that is never out of date, for it comes from the run itself.
  for (const point of [...points].toSorted()) yield* Console.log(point)
  assert.deepEqual([...points].toSorted(), [
    'kitchen/rice: Semaphore "stove"',
    'kitchen/waiter: WorkQueue.offer "orders"',
    'kitchen: WorkQueue.take "orders"'
  ])
})

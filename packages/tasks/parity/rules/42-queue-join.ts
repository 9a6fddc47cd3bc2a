/** join waits until all that was taken is done; shutdown drains, or drops when immediate. */
import { WorkQueue } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

const attempt = (what: string, action: Effect.Effect<unknown, { readonly _tag: string }>) =>
  action.pipe(
    Effect.andThen(Console.log(`${what}: ok`)),
    Effect.catchTag(["TaskDoneUnderflow", "QueueShutdown"], () => Console.log(`${what}: refused`))
  )

const isDone = (fiber: Fiber.Fiber<void>) => (fiber.pollUnsafe() === undefined ? "waits" : "done")

export const main = Effect.gen(function* () {
  let queue = yield* WorkQueue.make<string>({ capacity: 16 })
  yield* attempt("join of an empty queue", queue.join)
  yield* attempt("task_done without take", queue.taskDone())

  yield* queue.offer("a")
  let join = yield* Effect.forkChild(queue.join, { startImmediately: true })
  yield* queue.shutdown()
  yield* attempt("offer after shutdown", queue.offer("b"))
  yield* Console.log("take after shutdown:", yield* queue.take)
  yield* attempt("take when drained", queue.take)
  yield* Console.log("join before task_done:", isDone(join))
  yield* queue.taskDone()
  yield* Fiber.join(join)
  yield* Console.log("join after task_done: done")

  queue = yield* WorkQueue.make<string>({ capacity: 16 })
  yield* queue.offer("taken")
  yield* queue.offer("dropped")
  yield* queue.take
  join = yield* Effect.forkChild(queue.join, { startImmediately: true })
  yield* queue.shutdown({ immediate: true })
  yield* attempt("take after immediate shutdown", queue.take)
  yield* Console.log("join while one is unfinished:", isDone(join))
  yield* queue.taskDone()
  yield* Fiber.join(join)
  yield* Console.log("join at the end: done")
})

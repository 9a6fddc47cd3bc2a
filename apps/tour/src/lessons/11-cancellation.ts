/** Cancellation: it comes at a suspension; whoever asked waits for cleanup. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, Exit, Fiber } from "effect"

export const main = Effect.gen(function* () {
  const log: Array<string> = []
  const note = (text: string) => Effect.sync(() => void log.push(text))

  const upload = Effect.sleep("10 seconds").pipe(
    Effect.onInterrupt(() =>
      Effect.gen(function* () {
        yield* note("closing the connection")
        yield* Effect.sleep("100 millis")
        yield* note("closed")
      })
    ),
    // A caught error is not a caught interrupt: this cannot swallow it.
    Effect.catchCause(() => note("swallowed")),
    Task.named("upload")
  )

  const fiber = yield* Effect.forkChild(upload)
  yield* Effect.sleep("200 millis")
  yield* Fiber.interrupt(fiber)
  yield* note("the caller goes on")

  const exit = yield* Fiber.await(fiber)
  assert.ok(Exit.hasInterrupts(exit))
  assert.deepEqual(log, [
    "closing the connection",
    "closed",
    "the caller goes on"
  ])
  for (const line of log) yield* Console.log(line)
  yield* Console.log("cancelled:", "yes")
})

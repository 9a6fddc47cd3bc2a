/** A loop of somebody else: a game draws frames, and fibers run in between. */
import assert from "node:assert/strict"
import { HostLoop } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

export const main = Effect.gen(function* () {
  const log: Array<string> = []

  const program = Effect.gen(function* () {
    for (const step of [1, 2, 3]) {
      log.push(`step ${step}`)
      yield* Effect.yieldNow
    }
    return "done"
  })

  // All that a host must offer is a way to call back later.
  const posted: Array<() => void> = []
  const scheduler = HostLoop.scheduler((callback) => posted.push(callback))
  const services = yield* Effect.context<never>()
  const fiber = Effect.runForkWith(services)(program, { scheduler })
  assert.equal(log.length, 0)

  let frame = 0
  while (fiber.pollUnsafe() === undefined) {
    frame++
    log.push(`frame ${frame}`)
    // Every step of every fiber runs in here, timers and promises included.
    for (const callback of posted.splice(0)) callback()
  }

  yield* Console.log("in order:", log.join(", "))
  yield* Console.log("result:", yield* Fiber.join(fiber))
  assert.deepEqual(log.slice(0, 4), ["frame 1", "step 1", "frame 2", "step 2"])
})

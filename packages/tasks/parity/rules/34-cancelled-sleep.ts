/** An interrupted sleep leaves no timer behind. */
import { createHook } from "node:async_hooks"
import { Console, Effect, Fiber } from "effect"

const hour = 3_600_000

/** Counts the timers of one hour that Node has started and not stopped, from now on. */
const countTimers = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const started: Array<object> = []
      const hook = createHook({
        init: (_id, _type, _trigger, resource) => void started.push(resource)
      })
      hook.enable()
      return { hook, started }
    }),
    ({ hook }) => Effect.sync(() => hook.disable())
  ),
  ({ started }) =>
    () =>
      started.filter((resource) => "_idleTimeout" in resource && resource._idleTimeout === hour)
        .length
)

export const main = Effect.gen(function* () {
  const timers = yield* countTimers
  const sleeper = yield* Effect.forkChild(Effect.sleep(hour))
  yield* Effect.yieldNow
  yield* Console.log("timers of the sleeper:", timers())
  yield* Fiber.interrupt(sleeper)
  yield* Console.log("timers of the cancelled sleeper:", timers())
}).pipe(Effect.scoped)

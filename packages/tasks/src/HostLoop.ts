/**
 * Runs fibers on an event loop that somebody else owns: a user interface, a game, a test harness, a
 * framework with callbacks.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Scheduler from "effect/Scheduler"

/**
 * Defect of every fiber of a host that calls a posted callback before `post` returns.
 *
 * @since 0.1.0
 */
export class PostedInline extends Data.TaggedError("PostedInline")<{}> {
  override get message(): string {
    return "post() called its callback before it returned: it must call it later"
  }
}

/**
 * Creates a scheduler from the `post` function of a host, which is to call each callback once, later.
 *
 * Every step of every fiber then runs inside a callback that the host has called, also the first one,
 * and also after a timer or a promise has woken a fiber elsewhere. Callbacks may be called in any
 * order. A host that stops calling them suspends the fibers; it loses nothing. Give the scheduler to
 * `Effect.runFork(effect, { scheduler })`, or as the service `Scheduler.Scheduler` to a
 * `ManagedRuntime`.
 *
 * ```ts
 * const posted: Array<() => void> = []
 * const scheduler = HostLoop.scheduler((callback) => posted.push(callback))
 * const fiber = Effect.runFork(Effect.andThen(Effect.yieldNow, Effect.succeed("done")), { scheduler })
 * fiber.pollUnsafe() // => undefined
 * while (posted.length > 0) posted.shift()!()
 * fiber.pollUnsafe() // => Exit.succeed("done")
 * ```
 *
 * @since 0.1.0
 */
export const scheduler = (post: (callback: () => void) => void): Scheduler.Scheduler => {
  let inHost = false

  const postTurn = (run: () => void) => {
    let returned = false
    post(() => {
      if (!returned) throw new PostedInline()
      const outer = inHost
      inHost = true
      run()
      inHost = outer
    })
    returned = true
    // A turn that is not needed any more finds nothing to do.
    return () => {}
  }
  const base = new Scheduler.MixedScheduler("async", postTurn)
  return {
    executionMode: "async",
    makeDispatcher: () => base.makeDispatcher(),
    // Asked before each step. A fiber woken outside of the host yields, and so goes on inside.
    shouldYield: (fiber) => !inHost || base.shouldYield(fiber)
  }
}

/**
 * Watches fibers that somebody else owns.
 *
 * A fiber keeps its observers in an array and searches it to remove one, so 100,000 waiters that give
 * up waiting for one fiber cost 5 billion steps. Here a fiber has one observer, and a set of watchers.
 */
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"

/** Calls `watcher` when the fiber ends, at once if it has; returns what takes the watcher away. */
export const watch = (
  fiber: Fiber.Fiber<unknown, unknown>,
  watcher: (exit: Exit.Exit<unknown, unknown>) => void
): (() => void) => {
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) {
    watcher(exit)
    return () => {}
  }
  let watchers = watched.get(fiber)
  if (watchers === undefined) {
    const created = new Set<typeof watcher>()
    watchers = created
    watched.set(fiber, created)
    fiber.addObserver((exit) => {
      watched.delete(fiber)
      for (const watcher of created) watcher(exit)
    })
  }
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

const watched = new WeakMap<
  Fiber.Fiber<unknown, unknown>,
  Set<(exit: Exit.Exit<unknown, unknown>) => void>
>()

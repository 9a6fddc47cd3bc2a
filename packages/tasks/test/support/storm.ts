/** Many tasks at once, some of which are interrupted. */
import { Effect, Exit, Fiber } from "effect"
import { assert } from "vitest"
import { dice } from "./dice.ts"
import { turns } from "./turns.ts"

/**
 * Starts the tasks one after the other, now and then with pauses, interrupts some at any moment, and
 * waits for all; meanwhile `check` runs now and then. A defect in any of them is one of the storm.
 */
export const storm = <A, E>(
  tasks: ReadonlyArray<Effect.Effect<A, E>>,
  check: Effect.Effect<void> = Effect.void
): Effect.Effect<ReadonlyArray<Exit.Exit<A, E>>> =>
  Effect.gen(function* () {
    const { below, random } = yield* dice
    const fibers: Array<Fiber.Fiber<A, E>> = []
    const watcher = yield* Effect.forkChild(turns(50, check))
    const strike = () => fibers[below(fibers.length)]!.interruptUnsafe()
    for (const task of tasks) {
      fibers.push(yield* Effect.forkChild(task, { startImmediately: random() < 0.5 }))
      if (random() < 0.3) strike()
      // Time passes when nobody can go on.
      yield* random() < 0.2 ? Effect.sleep(below(4)) : turns(below(4))
      if (random() < 0.3) strike()
    }
    const exits = yield* Fiber.awaitAll(fibers)
    yield* Fiber.join(watcher)
    for (const exit of exits) assert.isFalse(Exit.hasDies(exit), String(exit))
    return exits
  })

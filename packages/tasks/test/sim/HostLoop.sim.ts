import { assert, describe } from "vitest"
import { Effect, Exit } from "effect"
import { HostLoop, Semaphore, Task } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { dice } from "../support/dice.ts"
import { turns } from "../support/turns.ts"

describe("HostLoop", () => {
  // The fibers of the host are not the simulator's: it is their clock, and the host is one of its tasks.
  it.sim("HST1, HST2: a host calls in any order, with pauses, and nothing is lost", () =>
    Effect.gen(function* () {
      const { below, random } = yield* dice
      const posted: Array<() => void> = []
      let isInside = false
      const scheduler = HostLoop.scheduler((callback) => void posted.push(callback))
      const semaphore = yield* Semaphore.make(1 + below(2))
      const job = (index: number) =>
        Effect.sync(() => assert.isTrue(isInside)).pipe(
          Effect.andThen(random() < 0.5 ? turns(below(4)) : Effect.sleep(below(4))),
          semaphore.withPermit,
          Effect.andThen(Effect.sync(() => assert.isTrue(isInside))),
          Effect.as(index)
        )
      const jobs = Array.from({ length: 1 + below(8) }, (_, index) => job(index))
      const context = yield* Effect.context<never>()
      const fiber = Effect.runForkWith(context)(Task.gather(jobs), { scheduler })
      if (below(4) === 0) fiber.interruptUnsafe()
      while (fiber.pollUnsafe() === undefined) {
        if (posted.length === 0) yield* Effect.sleep(1)
        else {
          const [callback] = posted.splice(below(posted.length), 1)
          isInside = true
          callback!()
          isInside = false
          yield* turns(below(2))
        }
      }
      const exit = fiber.pollUnsafe()!
      const expected = Exit.succeed(jobs.map((_, index) => index))
      if (!Exit.hasInterrupts(exit)) assert.deepStrictEqual(exit, expected)
      assert.strictEqual((yield* semaphore.snapshot).holders.length, 0)
    })
  )
})

/** A semaphore serves in order of arrival, also before newcomers; over-release cannot be written. */
import { Semaphore, Task } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.gen(function* () {
  const semaphore = yield* Semaphore.make(1)

  const twice = (name: string) =>
    Effect.forEach([1, 2], (turn) =>
      Effect.andThen(Console.log(`${name}, turn ${turn}`), Effect.yieldNow).pipe(
        semaphore.withPermit
      )
    )

  yield* Task.gather([twice("a"), twice("b"), twice("c")])
  const { free } = yield* semaphore.withPermit(semaphore.snapshot)
  yield* Console.log("free inside:", free)
  // Permits are held while an effect runs: there is nothing to give back a second time.
  const refused = Object.keys(semaphore).every((name) => !/release|give/.test(name))
  yield* Console.log("giving back a permit too many:", refused ? "refused" : "possible")
})

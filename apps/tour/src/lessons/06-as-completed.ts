/** as_completed: each result as soon as it is there. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, Stream } from "effect"

export const main = Effect.gen(function* () {
  let running = 0
  let peak = 0
  let made = 0

  const job = (millis: number) =>
    Effect.gen(function* () {
      running++
      peak = Math.max(peak, running)
      yield* Effect.sleep(millis)
      running--
      return millis
    }).pipe(Task.named(`job ${millis}`))

  // The source is read as results are taken: it may be endless.
  function* jobs() {
    for (const millis of [150, 50, 200]) {
      made++
      yield job(millis)
    }
  }

  const results: Array<number> = []
  yield* Task.asCompleted(jobs(), { concurrency: 2 }).pipe(
    Stream.runForEach((millis) =>
      Effect.sync(() => {
        results.push(millis)
        assert.ok(made <= results.length + 2)
      })
    )
  )
  yield* Console.log("in order of completion:", results.join(" "))
  yield* Console.log("most at once:", peak)
  assert.deepEqual(results, [50, 150, 200])
  assert.equal(peak, 2)
})

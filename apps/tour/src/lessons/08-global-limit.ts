/** One limit for all: thousands of jobs, and never more than 50 at work. */
import assert from "node:assert/strict"
import { Semaphore, Task } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.gen(function* () {
  const limit = yield* Semaphore.make(50, { name: "limit" })
  let atWork = 0
  let peak = 0
  let done = 0

  const job = Effect.gen(function* () {
    atWork++
    peak = Math.max(peak, atWork)
    yield* Effect.sleep("1 millis")
    atWork--
    done++
  }).pipe(limit.withPermit)

  // Two parts of a program that know nothing of each other share the limit.
  const part = (name: string, jobs: number) =>
    Task.gather(Array.from({ length: jobs }, () => job)).pipe(Task.named(name))

  yield* Task.gather([part("pages", 2000), part("images", 1000)])
  yield* Console.log("jobs done:", done)
  yield* Console.log("most at once:", peak)
  assert.deepEqual([done, peak], [3000, 50])

  // For one part alone no semaphore is needed, and there are never more than
  // 50 fibers: the next one is made when there is a place for it.
  const jobs = Array.from({ length: 1000 }, () => job)
  yield* Effect.all(jobs, { concurrency: 50, discard: true })
  assert.deepEqual([done, peak], [4000, 50])
})

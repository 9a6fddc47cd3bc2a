/**
 * A thousand tasks that share ten permits, as in asyncio's `Semaphore(10)` with `gather`.
 *
 * Run it: `node --conditions=@fibra/source examples/limit-concurrency.ts`
 */
import assert from "node:assert/strict"
import { Effect } from "effect"
import { Semaphore, Task } from "@fibra/tasks"

const program = Effect.gen(function* () {
  const semaphore = yield* Semaphore.make(10)
  let inside = 0
  let most = 0

  const work = (id: number) =>
    Effect.gen(function* () {
      most = Math.max(most, ++inside)
      yield* Effect.sleep("1 millis")
      inside -= 1
      return id * id
    }).pipe(semaphore.withPermit)

  const ids = Array.from({ length: 1000 }, (_, id) => id)
  const squares = yield* Task.gather(ids.map(work), { concurrency: "unbounded" })

  assert.deepEqual(
    squares,
    ids.map((id) => id * id),
    "results are in the order of the arguments"
  )
  assert.equal(most, 10, "never more than ten at a time")
  console.log(`${squares.length} tasks, at most ${most} at a time`)
})

await Effect.runPromise(program)

/** Effect against fiber: run one by one, or started side by side. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

const job = (name: string, millis: number, log: Array<string>) =>
  Effect.gen(function* () {
    log.push(`${name} starts`)
    yield* Effect.sleep(millis)
    log.push(`${name} ends`)
    return name
  })

export const main = Effect.gen(function* () {
  const oneByOne: Array<string> = []
  yield* job("a", 100, oneByOne)
  yield* job("b", 50, oneByOne)
  yield* Console.log("awaited:", oneByOne.join(", "))
  assert.deepEqual(oneByOne, ["a starts", "a ends", "b starts", "b ends"])

  const sideBySide: Array<string> = []
  const start = (name: string, millis: number) =>
    Effect.forkChild(job(name, millis, sideBySide).pipe(Task.named(name)))
  const a = yield* start("a", 100)
  const b = yield* start("b", 50)
  // A new fiber waits for its turn: nothing has run yet.
  assert.deepEqual(sideBySide, [])
  assert.deepEqual([yield* Fiber.join(a), yield* Fiber.join(b)], ["a", "b"])
  yield* Console.log("as tasks:", sideBySide.join(", "))
  assert.deepEqual(sideBySide, ["a starts", "b starts", "b ends", "a ends"])
})

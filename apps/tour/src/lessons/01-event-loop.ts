/** The event loop: fibers take turns, and change only where one suspends. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect } from "effect"

export const main = Effect.gen(function* () {
  const log: Array<string> = []

  const count = (name: string) =>
    Effect.gen(function* () {
      for (const step of [1, 2, 3]) {
        // Nobody comes between these two lines: there is no yield*.
        const before = log.length
        log.push(`${name}${step}`)
        assert.equal(log.length, before + 1)
        yield* Effect.yieldNow
      }
    }).pipe(Task.named(name))

  const effect = count("a")
  // Making it has run nothing.
  assert.deepEqual(log, [])
  yield* Console.log("before it runs:", log.length)

  yield* Task.gather([effect, count("b")])
  yield* Console.log("in turns:", log.join(" "))
  assert.deepEqual(log, ["a1", "b1", "a2", "b2", "a3", "b3"])

  // An effect is a description: it can run again, as a coroutine cannot.
  yield* effect
  assert.deepEqual(log.slice(6), ["a1", "a2", "a3"])
})

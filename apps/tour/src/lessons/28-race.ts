/** Finding a race: a green test, and the order that breaks it. */
import assert from "node:assert/strict"
import { Simulation } from "@fibra/testing"
import { Cause, Console, Effect, Exit, Ref } from "effect"

// Two customers take 80 of 100, each after a look at the balance.
const program = Effect.gen(function* () {
  const balance = yield* Ref.make(100)
  const take = Effect.gen(function* () {
    const before = yield* Ref.get(balance)
    if (before < 80) return false
    yield* Ref.set(balance, before - 80)
    return true
  })
  const paid = yield* Effect.all([take, take], { concurrency: 2 })
  if (paid[0] && paid[1]) return yield* Effect.fail("paid twice")
})

export const main = Effect.gen(function* () {
  // In the one order that a test sees, nothing is wrong.
  yield* Effect.replicateEffect(program, 100, { discard: true })
  yield* Console.log("100 runs as usual: fine")

  // In another one it is. The report has the fewest switches that do it.
  const failed = yield* Effect.flip(Simulation.explore(program, { seeds: 100 }))
  const why = Cause.squash(failed.cause)
  yield* Console.log("in another order:", why)
  yield* Console.log("switches that it takes:", failed.switches.length)
  assert.equal(why, "paid twice")
  assert.equal(failed.switches.length, 1)

  // One word brings it back, in a test or on another machine.
  const again = yield* Simulation.run(program, { seed: failed.token })
  assert.ok(Exit.isFailure(again.exit))
  yield* Console.log("replayed from its token:", "paid twice again")
})

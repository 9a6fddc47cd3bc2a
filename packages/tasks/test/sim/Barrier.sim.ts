import { assert, describe } from "vitest"
import { Effect, Exit, Fiber } from "effect"
import { Barrier } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amid } from "../support/amid.ts"
import { dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"

const setup = Effect.gen(function* () {
  const { below } = yield* dice
  const parties = 1 + below(4)
  const [barrier, line] = [yield* Barrier.make(parties), yield* makeLine("Barrier")]
  const given = Array.from({ length: parties }, () => 0)
  const party = (name: string) =>
    line.asks({ name }, (enter) => {
      const met = Effect.map(barrier.await, (number) => {
        enter()
        given[number]!++
      })
      return Effect.catchTag(met, "BarrierBroken", () => Effect.void)
    })
  const partiesOf = (count: number) =>
    Array.from({ length: count }, (_, index) => party(`task ${index}`))
  return { parties, barrier, line, given, partiesOf }
})

describe("Barrier", () => {
  it.sim("BAR1, BAR2: each meeting gives each number once", () =>
    Effect.gen(function* () {
      const { below } = yield* dice
      const { barrier, given, line, parties, partiesOf } = yield* setup
      const meetings = 1 + below(4)
      yield* Effect.all(partiesOf(parties * meetings), { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(given), new Set([meetings]))
      assert.deepStrictEqual(line.overtakers(), [])
      assert.strictEqual((yield* barrier.snapshot).waiting, 0)
    })
  )

  it.sim("BAR1, BAR3, BAR4, BAR5: arrivals, interrupts and resets, in any order", () =>
    Effect.gen(function* () {
      const { below, random } = yield* dice
      const { barrier, given, line, parties, partiesOf } = yield* setup
      const tasks = partiesOf(2 + below(10))
      const reset = Effect.map(barrier.reset, () => assert.isUndefined(line.next()))
      const check = Effect.sync(() => assert.deepStrictEqual(line.ghosts(), []))
      const resets = Effect.forEach(Array.from({ length: below(4) }), () =>
        Effect.andThen(Effect.yieldNow, random() < 0.5 ? reset : Effect.void)
      )
      const running = yield* Effect.forkChild(storm([Effect.asVoid(resets), ...tasks], check))
      // Time passes when nobody can go on: those who wait now are fewer than a meeting needs.
      yield* Effect.sleep("1 second")
      assert.isBelow((yield* barrier.snapshot).waiting, parties)
      yield* barrier.abort
      const exits = yield* Fiber.join(running)
      const interrupted = exits.filter(Exit.hasInterrupts).length
      assert.isAtMost(Math.max(...given) - Math.min(...given), interrupted)
      assert.deepStrictEqual(line.overtakers(), [])
      assert.isUndefined(line.next())
    })
  )

  it.sim.everyCancel("BAR3: a party that is interrupted at any moment leaves no trace", () =>
    Effect.gen(function* () {
      const { below } = yield* dice
      const { barrier, line, partiesOf } = yield* setup
      const [task, ...others] = partiesOf(2 + below(3))
      const place = below(others.length + 1)
      // The others may be too few without it.
      const abort = Effect.andThen(Effect.sleep("1 second"), barrier.abort)
      const snapshot = Effect.andThen(
        barrier.reset,
        Effect.zip(barrier.snapshot, Effect.sync(line.next))
      )
      const after = [...others.slice(place), abort]
      return yield* amid({ before: others.slice(0, place), task: task!, after, snapshot })
    })
  )
})

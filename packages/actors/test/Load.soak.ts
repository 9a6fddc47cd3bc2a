import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { Simulation } from "@fibra/testing"
import { Effect } from "effect"
import { Actor } from "@fibra/actors"
import { conservation } from "./support/load.ts"
import { nothing, worker } from "./support/messages.ts"
import { ordered } from "./support/ordered.ts"
import { quiet } from "./support/system.ts"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const heap = Effect.sync(() => {
  collect()
  return process.memoryUsage().heapUsed
})

describe("actors under load", () => {
  it.live(
    "MBX1: every message of 10,000 seeds is accounted for",
    () => Simulation.explore(conservation, { seeds: 10_000 }),
    600_000
  )

  it.live(
    "ACT2: the messages of 100 senders keep their order, in 1,000 seeds",
    () => Simulation.explore(ordered({ senders: 100, messages: 10 }), { seeds: 1000 }),
    600_000
  )

  it.live(
    "ASK9: a million asks that time out leave nothing",
    () =>
      Effect.gen(function* () {
        const ref = yield* Actor.spawn(worker(), { capacity: 20_000 })
        yield* ref.tell("Tell", () => Effect.never)
        const asks = Effect.forEach(
          Array.from({ length: 10_000 }, (_, n) => n),
          () => Effect.ignore(ref.ask("Ask", nothing, { timeout: "1 millis" })),
          { concurrency: "unbounded", discard: true }
        )
        for (let round = 0; round < 20; round++) yield* asks
        const before = yield* heap
        for (let round = 0; round < 100; round++) yield* asks
        const grown = (yield* heap) - before
        assert.isBelow(grown, 2_000_000, "bytes")
        yield* Actor.kill(ref)
      }).pipe(Effect.scoped, Effect.provide(quiet)),
    600_000
  )
})

/** What an idle actor costs. */
import * as Effect from "effect/Effect"
import type { Body, Workload } from "../workload.ts"
import type { CounterKind, PlainCounters } from "./counters/counter.ts"
import { entity } from "./counters/entity.ts"
import { fibra } from "./counters/fibra.ts"
import { nact } from "./counters/nact.ts"
import { queue } from "./counters/queue.ts"
import { xstate } from "./counters/xstate.ts"
import { erlang } from "./erlang.ts"
import { countSums, spawnMany, withCounters } from "./rounds.ts"
import { entitySizes, fresh } from "./sizes.ts"

/** With `messages`, each actor has handled that many before it is idle. */
const effects =
  <Ref, R>(messages: 0 | 1, kind: CounterKind<Ref, R>): Body =>
  (size, meter) =>
    withCounters(kind, (counters) =>
      Effect.gen(function* () {
        meter.begin()
        const refs = yield* spawnMany(counters, size)
        if (messages === 1) {
          yield* Effect.forEach(refs, (ref) => counters.ask(ref, 1), { discard: true })
        }
        meter.end()
        const sums = yield* Effect.forEach(refs, (ref) => counters.ask(ref, 1))
        return sums.filter((sum) => sum === messages + 1).length
      })
    )

const plain =
  <Ref>(makeCounters: () => PlainCounters<Ref>): Body =>
  async (size, meter) => {
    const counters = makeCounters()
    meter.begin()
    const refs = Array.from({ length: size }, counters.spawn)
    meter.end()
    const idle = await countSums(counters, refs, 1)
    refs.forEach(counters.stop)
    return idle
  }

const ours = {
  "Actor.spawn": { run: effects(0, fibra) },
  "Actor.spawn, after a message": {
    run: effects(1, fibra),
    note: "each has handled one ask before it is idle."
  }
}

const memory: Workload = {
  ...fresh,
  name: "memory",
  work: "n actors have nothing to do. Resident: what the process has grown by, after a full collection.",
  module: import.meta.url,
  measure: "memory",
  sizes: [100_000],
  baseline: "Actor.spawn",
  contenders: {
    ...ours,
    "Queue + fiber": { run: effects(0, queue), note: "raw Effect." },
    "cluster Entity": {
      run: effects(0, entity),
      sizes: entitySizes,
      note: "raw Effect, with `TestRunner`. Left out above 1,000."
    },
    nact: { run: plain(nact) },
    xstate: { run: plain(xstate) },
    "Erlang process": erlang("memory, process"),
    "Erlang gen_server": erlang("memory, gen_server")
  }
}

const million: Workload = {
  ...memory,
  name: "memory of a million",
  sizes: [1_000_000],
  contenders: ours
}

export const workloads: ReadonlyArray<Workload> = [memory, million]

/** Starting actors, and stopping them. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Body, Contender, Workload } from "../workload.ts"
import type { CounterKind, PlainCounters } from "./counters/counter.ts"
import { entity } from "./counters/entity.ts"
import { fibra } from "./counters/fibra.ts"
import { nact } from "./counters/nact.ts"
import { queue } from "./counters/queue.ts"
import { xstate } from "./counters/xstate.ts"
import { erlang } from "./erlang.ts"
import { countSums, spawnMany, withCounters } from "./rounds.ts"
import { entitySizes, sizes, warmed } from "./sizes.ts"

/** An actor counts if it handles a message afterwards. */
const spawning =
  <Ref, R>(kind: CounterKind<Ref, R>): Body =>
  (size, meter) =>
    withCounters(kind, (counters) =>
      Effect.gen(function* () {
        meter.begin()
        const refs = yield* spawnMany(counters, size)
        meter.end()
        const sums = yield* Effect.forEach(refs, (ref) => counters.ask(ref, 1))
        return sums.filter((sum) => sum === 1).length
      })
    )

/** An actor counts if it refuses a message afterwards. */
const stopping =
  <Ref, R>(kind: CounterKind<Ref, R>): Body =>
  (size, meter) =>
    withCounters(kind, (counters) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        meter.begin()
        const refs = yield* Scope.provide(spawnMany(counters, size), scope)
        yield* Scope.close(scope, Exit.void)
        meter.end()
        const exits = yield* Effect.forEach(refs, (ref) => Effect.exit(counters.ask(ref, 1)))
        return exits.filter(Exit.isFailure).length
      })
    )

const plain =
  <Ref>(alsoStop: boolean, makeCounters: () => PlainCounters<Ref>): Body =>
  async (size, meter) => {
    const counters = makeCounters()
    meter.begin()
    const refs = Array.from({ length: size }, counters.spawn)
    if (!alsoStop) {
      meter.end()
      const fresh = await countSums(counters, refs, 1)
      refs.forEach(counters.stop)
      return fresh
    }
    refs.forEach(counters.stop)
    meter.end()
    const stopped = await Promise.all(refs.map(counters.isStopped))
    return stopped.filter((isStopped) => isStopped).length
  }

const workload = (
  name: string,
  work: string,
  contenders: Readonly<Record<string, Contender>>
): Workload => ({
  ...warmed,
  name,
  work,
  module: import.meta.url,
  measure: "wall",
  sizes,
  baseline: "Actor.spawn",
  contenders
})

export const workloads: ReadonlyArray<Workload> = [
  workload("spawn", "Starts n actors.", {
    "Actor.spawn": { run: spawning(fibra) },
    "Queue + fiber": { run: spawning(queue), note: "raw Effect; the fiber has not run yet." },
    "cluster Entity": {
      run: spawning(entity),
      sizes: entitySizes,
      note: "raw Effect, with `TestRunner`; an entity starts at its first message. Left out above 1,000."
    },
    nact: { run: plain(false, nact) },
    xstate: { run: plain(false, xstate) },
    "Erlang process": { ...erlang("spawn, process"), note: "the process has not run yet." },
    "Erlang gen_server": erlang("spawn, gen_server")
  }),
  workload("spawn + stop", "Starts n actors, and then stops them all.", {
    "Actor.spawn": { run: stopping(fibra) },
    "Queue + fiber": { run: stopping(queue), note: "raw Effect." },
    nact: { run: plain(true, nact) },
    xstate: { run: plain(true, xstate) },
    "Erlang process": {
      ...erlang("spawn + stop, process"),
      note: "a message ends each, of which a monitor tells."
    },
    "Erlang gen_server": erlang("spawn + stop, gen_server")
  })
]

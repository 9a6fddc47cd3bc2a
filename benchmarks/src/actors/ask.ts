/** Asking one actor, and waiting for its answers. */
import * as Effect from "effect/Effect"
import type { Body, Workload } from "../workload.ts"
import type { CounterKind, PlainCounters } from "./counters/counter.ts"
import { entity } from "./counters/entity.ts"
import { fibra, fibraRunning } from "./counters/fibra.ts"
import { nact } from "./counters/nact.ts"
import { queue, queueWithTimeout } from "./counters/queue.ts"
import { xstate } from "./counters/xstate.ts"
import { erlang } from "./erlang.ts"
import { withCounters } from "./rounds.ts"
import { entitySizes, sizes, warmed } from "./sizes.ts"

/** Counts the answers. They are the sums of ones, so each number up to n is one of them. */
const makeAnswers = (size: number) => {
  let [answers, sum] = [0, 0]
  return {
    got: (answer: number) => {
      answers++
      sum += answer
    },
    done: () => (sum === (size * (size + 1)) / 2 ? answers : 0)
  }
}

const effects =
  <Ref, R>(askers: number, kind: CounterKind<Ref, R>): Body =>
  (size, meter) =>
    withCounters(kind, (counters) =>
      Effect.gen(function* () {
        const ref = yield* counters.spawn
        const { done, got } = makeAnswers(size)
        let asked = 0
        const asking = Effect.whileLoop({
          while: () => asked++ < size,
          body: () => counters.ask(ref, 1),
          step: got
        })
        const all = Array.from({ length: askers }, () => asking)
        meter.begin()
        yield* Effect.all(all, { concurrency: "unbounded", discard: true })
        meter.end()
        return done()
      })
    )

const plain =
  <Ref>(askers: number, makeCounters: () => PlainCounters<Ref>): Body =>
  async (size, meter) => {
    const counters = makeCounters()
    const ref = counters.spawn()
    const { done, got } = makeAnswers(size)
    let asked = 0
    const asking = async () => {
      while (asked++ < size) got(await counters.ask(ref, 1))
    }
    meter.begin()
    await Promise.all(Array.from({ length: askers }, asking))
    meter.end()
    counters.stop(ref)
    return done()
  }

/** The name of ours with a handler that has to run. */
export const running = "ActorRef.ask, generator"

const ask = (askers: number, name: string, work: string): Workload => ({
  ...warmed,
  name,
  work,
  module: import.meta.url,
  measure: "wall",
  sizes,
  baseline: "ActorRef.ask",
  contenders: {
    "ActorRef.ask": {
      run: effects(askers, fibra),
      note: "each with a deadline of 5 seconds. The handler returns a value, which needs no fiber."
    },
    [running]: {
      run: effects(askers, fibraRunning),
      note: "the handler is a generator in a fiber of its own, which its asker may interrupt."
    },
    "Queue + fiber": {
      run: effects(askers, queue),
      note: "raw Effect, a Deferred for each answer; no deadline, and a handler cannot be interrupted."
    },
    "Queue + fiber, timeout": {
      run: effects(askers, queueWithTimeout),
      note: "the same with `Effect.timeout`."
    },
    "cluster Entity": {
      run: effects(askers, entity),
      sizes: entitySizes,
      note: "raw Effect, with `TestRunner`; no deadline. Left out above 1,000."
    },
    nact: { run: plain(askers, nact), note: "`query`, which takes a deadline." },
    xstate: {
      run: plain(askers, xstate),
      note: "has no ask: the event carries a function that resolves a promise; no deadline."
    },
    "Erlang process": {
      ...erlang(`ask ${askers}, process`),
      note: "ping-pong: one message there and one back; no deadline, and no word if the other one is gone."
    },
    "Erlang process, one scheduler": erlang(`ask ${askers}, process`, 1),
    "Erlang gen_server": {
      ...erlang(`ask ${askers}, gen_server`),
      note: "`gen_server:call`, with a deadline of 5 seconds and a monitor."
    }
  }
})

export const workloads: ReadonlyArray<Workload> = [
  ask(1, "ask", "Asks an actor n times, one after the other."),
  ask(1_000, "ask, 1,000 at once", "A thousand askers ask an actor n times in all.")
]

/** One sender that tells one actor many things. */
import * as Effect from "effect/Effect"
import type { Body, Workload } from "../workload.ts"
import { capacity, type CounterKind, type PlainCounters } from "./counters/counter.ts"
import { entity } from "./counters/entity.ts"
import { fibra, fibraRunning } from "./counters/fibra.ts"
import { nact } from "./counters/nact.ts"
import { queue } from "./counters/queue.ts"
import { xstate } from "./counters/xstate.ts"
import { erlang } from "./erlang.ts"
import { withCounters } from "./rounds.ts"
import { entitySizes, sizes, warmed } from "./sizes.ts"

/** The name of ours with a handler that has to run. */
const running = "ActorRef.tell, generator"

/** The sum is the number of messages that were handled. It comes after all of them. */
const effects =
  <Ref, R>(kind: CounterKind<Ref, R>): Body =>
  (size, meter) =>
    withCounters(kind, (counters) =>
      Effect.gen(function* () {
        const ref = yield* counters.spawn
        let told = 0
        meter.begin()
        yield* Effect.whileLoop({
          while: () => told++ < size,
          body: () => counters.tell(ref, 1),
          step: () => {}
        })
        const handled = yield* counters.ask(ref, 0)
        meter.end()
        return handled
      })
    )

const plain =
  <Ref>(makeCounters: () => PlainCounters<Ref>): Body =>
  async (size, meter) => {
    const counters = makeCounters()
    const ref = counters.spawn()
    meter.begin()
    for (let told = 0; told < size; told++) counters.tell(ref, 1)
    const handled = await counters.ask(ref, 0)
    meter.end()
    counters.stop(ref)
    return handled
  }

const tell: Workload = {
  ...warmed,
  name: "tell",
  work: "One sender tells an actor n numbers, which adds them up. The last message asks for the sum.",
  module: import.meta.url,
  measure: "wall",
  sizes,
  baseline: "ActorRef.tell",
  contenders: {
    "ActorRef.tell": {
      run: effects(fibra),
      note: `a mailbox of ${capacity}; its sender waits for room. A defect of a handler is a crash, and never ends the mailbox. The handler returns a value.`
    },
    [running]: { run: effects(fibraRunning), note: "the handler is a generator." },
    "Queue + fiber": {
      run: effects(queue),
      note: `raw Effect, a mailbox of ${capacity}, with \`Effect.exit\` around each message, so that a defect does not end it.`
    },
    "cluster Entity": {
      run: effects(entity),
      sizes: entitySizes,
      note: "raw Effect, with `TestRunner` and `discard`. Left out above 1,000."
    },
    nact: { run: plain(nact), note: "a mailbox without a bound." },
    xstate: {
      run: plain(xstate),
      note: "no mailbox here: it handles an event where it is sent."
    },
    "Erlang process": erlang("tell, process"),
    "Erlang gen_server": { ...erlang("tell, gen_server"), note: "`gen_server:cast`." }
  }
}

export const workloads: ReadonlyArray<Workload> = [tell]

/** One sender that tells one actor many things. */
import * as Effect from "effect/Effect"
import type { Body, Workload } from "../workload.ts"
import { capacity, type Counters, type PromiseCounter } from "./counters/counter.ts"
import { entity } from "./counters/entity.ts"
import { fibra } from "./counters/fibra.ts"
import { nact } from "./counters/nact.ts"
import { queue } from "./counters/queue.ts"
import { xstate } from "./counters/xstate.ts"
import { erlang } from "./erlang.ts"
import { entitySizes, sizes, warmed } from "./sizes.ts"

/** The sum is the number of messages that were handled. It comes after all of them. */
const effects =
  (counters: Counters): Body =>
  (size, meter) =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const { ask, tell } = yield* yield* counters
          let told = 0
          meter.begin()
          yield* Effect.whileLoop({
            while: () => told++ < size,
            body: () => tell(1),
            step: () => {}
          })
          const handled = yield* ask(0)
          meter.end()
          return handled
        })
      )
    )

const promises =
  (counters: () => () => PromiseCounter): Body =>
  async (size, meter) => {
    const { ask, stop, tell } = counters()()
    meter.begin()
    for (let told = 0; told < size; told++) tell(1)
    const handled = await ask(0)
    meter.end()
    stop()
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
      note: `a mailbox of ${capacity}; its sender waits for room. A defect of a handler is a crash, and never ends the mailbox.`
    },
    "Queue + fiber": {
      run: effects(queue),
      note: `raw Effect, a mailbox of ${capacity}, with \`Effect.exit\` around each message, so that a defect does not end it.`
    },
    "cluster Entity": {
      run: effects(entity),
      sizes: entitySizes,
      note: "raw Effect, with `TestRunner` and `discard`. Left out above 1,000."
    },
    nact: { run: promises(nact), note: "a mailbox without a bound." },
    xstate: {
      run: promises(xstate),
      note: "no mailbox here: it handles an event where it is sent."
    },
    "Erlang process": erlang("tell, process"),
    "Erlang gen_server": { ...erlang("tell, gen_server"), note: "`gen_server:cast`." }
  }
}

export const workloads: ReadonlyArray<Workload> = [tell]

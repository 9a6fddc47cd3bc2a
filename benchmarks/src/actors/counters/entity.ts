/** The counter as an Entity of `effect/cluster`, in the memory of one process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Entity from "effect/cluster/Entity"
import * as TestRunner from "effect/cluster/TestRunner"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import { capacity, type Counters } from "./counter.ts"

const Counter = Entity.make("Counter", [
  Rpc.make("Add", { payload: { n: Schema.Int }, success: Schema.Int })
])

const counter = Counter.toLayer(
  Effect.sync(() => {
    let sum = 0
    return { Add: ({ payload: { n } }) => Effect.sync(() => (sum += n)) }
  }),
  { mailboxCapacity: capacity }
)

export const entity: Counters = Effect.gen(function* () {
  const cluster = yield* Layer.build(Layer.fresh(Layer.provideMerge(counter, TestRunner.layer)))
  const client = yield* Effect.provide(Counter.client, cluster)
  let id = 0
  return Effect.sync(() => {
    const { Add } = client(`${++id}`)
    return {
      tell: (n: number) => Add({ n }, { discard: true }),
      ask: (n: number) => Add({ n })
    }
  })
})

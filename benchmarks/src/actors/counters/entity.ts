/** The counter as an Entity of `effect/cluster`, in the memory of one process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Entity from "effect/cluster/Entity"
import type * as Sharding from "effect/cluster/Sharding"
import * as TestRunner from "effect/cluster/TestRunner"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import { capacity, type CounterKind } from "./counter.ts"

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

/** An entity has an id, and starts at its first message. */
export const entity: CounterKind<string, Sharding.Sharding> = {
  layer: Layer.provideMerge(counter, TestRunner.layer),
  make: Effect.map(Counter.client, (client) => {
    let id = 0
    return {
      spawn: Effect.suspend(() => {
        const name = `${++id}`
        return Effect.as(client(name).Add({ n: 0 }), name)
      }),
      tell: (name, n) => client(name).Add({ n }, { discard: true }),
      ask: (name, n) => client(name).Add({ n })
    }
  })
}

/** The counter as an actor of ours. */
import * as Actor from "@fibra/actors/Actor"
import * as ActorSystem from "@fibra/actors/ActorSystem"
import * as Behavior from "@fibra/actors/Behavior"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { capacity, type Counters } from "./counter.ts"

const Counting = RpcGroup.make(Rpc.make("Add", { payload: { n: Schema.Int }, success: Schema.Int }))

const counter = Behavior.make(Counting, () => Effect.succeed(0), {
  Add: ({ n }, sum) => Effect.succeed([sum + n, sum + n] as const)
})

export const fibra: Counters = Effect.gen(function* () {
  const system = yield* Layer.build(Layer.fresh(ActorSystem.layer))
  return Effect.provide(
    Effect.map(Actor.spawn(counter, { capacity }), (ref) => ({
      tell: (n) => ref.tell("Add", { n }),
      ask: (n) => ref.ask("Add", { n })
    })),
    system
  )
})

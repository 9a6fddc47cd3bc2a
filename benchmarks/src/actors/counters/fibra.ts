/** The counter as an actor of ours. */
import * as Actor from "@fibra/actors/Actor"
import type { ActorRef } from "@fibra/actors/ActorRef"
import * as ActorSystem from "@fibra/actors/ActorSystem"
import * as Behavior from "@fibra/actors/Behavior"
import * as Effect from "effect/Effect"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import type { CounterKind } from "./counter.ts"

const Counting = RpcGroup.make(Rpc.make("Add", { payload: { n: Schema.Int }, success: Schema.Int }))

const begin = () => Effect.succeed(0)

/** Its answer is there at once, and needs no fiber. */
const counter = Behavior.make(Counting, begin, {
  Add: ({ n }, sum) => Effect.succeed([sum + n, sum + n] as const)
})

/** A handler that is an effect to be run, as most are. */
const runningCounter = Behavior.make(Counting, begin, {
  Add: Effect.fnUntraced(function* ({ n }, sum) {
    const next = yield* Effect.sync(() => sum + n)
    return [next, next] as const
  })
})

type Ref = ActorRef<RpcGroup.Rpcs<typeof Counting>>

const kind = (behavior: typeof counter): CounterKind<Ref, ActorSystem.ActorSystem> => ({
  layer: ActorSystem.layer,
  make: Effect.succeed({
    spawn: Actor.spawn(behavior),
    tell: (ref, n) => ref.tell("Add", { n }),
    ask: (ref, n) => ref.ask("Add", { n })
  })
})

export const fibra = kind(counter)
export const fibraRunning = kind(runningCounter)

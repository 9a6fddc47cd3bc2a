/** Two actors that send each other one ball. */
import * as Actor from "@fibra/actors/Actor"
import type { ActorRef } from "@fibra/actors/ActorRef"
import * as ActorSystem from "@fibra/actors/ActorSystem"
import * as Behavior from "@fibra/actors/Behavior"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { dispatch, type Ref, spawn, start, stop } from "nact"
import { createActor, fromTransition } from "xstate"
import type { Body, Workload } from "../workload.ts"
import { erlang } from "./erlang.ts"
import { type Game, makeGame } from "./game.ts"
import { sizes, warmed } from "./sizes.ts"

const effects =
  (play: (game: Game) => Effect.Effect<unknown, unknown, Scope.Scope>): Body =>
  (size, meter) => {
    const game = makeGame(size, meter)
    const over = Effect.promise(() => game.over)
    return Effect.runPromise(Effect.scoped(Effect.andThen(play(game), over)))
  }

const Playing = RpcGroup.make(Rpc.make("Ball", { payload: { n: Schema.Int } }))

const pong = (ping: ActorRef<RpcGroup.Rpcs<typeof Playing>>) =>
  Behavior.make(Playing, () => Effect.void, {
    Ball: ({ n }) => Effect.as(Effect.orDie(ping.tell("Ball", { n })), [undefined, undefined])
  })

const ping = ({ goesOn }: Game) =>
  Behavior.make(Playing, (context) => context.spawn(pong(context.self)), {
    Ball: ({ n }, other) =>
      Effect.as(goesOn() ? Effect.orDie(other.tell("Ball", { n: n + 1 })) : Effect.void, [
        undefined,
        other
      ])
  })

const fibra = effects((game) =>
  Effect.gen(function* () {
    const player = yield* Actor.spawn(ping(game))
    game.begin()
    yield* player.tell("Ball", { n: 0 })
    yield* Effect.promise(() => game.over)
  }).pipe(Effect.provide(ActorSystem.layer))
)

const queue = effects(({ begin, goesOn }) =>
  Effect.gen(function* () {
    const here = yield* Queue.bounded<number>(10)
    const there = yield* Queue.bounded<number>(10)
    const player = (from: Queue.Queue<number>, handle: (n: number) => Effect.Effect<unknown>) =>
      Effect.forkScoped(
        Effect.forever(
          Effect.flatMap(Queue.take(from), (n) => Effect.exit(handle(n))),
          { disableYield: true }
        )
      )
    yield* player(there, (n) => Queue.offer(here, n))
    yield* player(here, (n) => (goesOn() ? Queue.offer(there, n + 1) : Effect.void))
    begin()
    yield* Queue.offer(here, 0)
  })
)

interface Ball {
  readonly n: number
  readonly sender: Ref<Ball>
}

const nact: Body = async (size, meter) => {
  const { begin, goesOn, over } = makeGame(size, meter)
  const system = start()
  const pong = spawn(system, (_: unknown, { n, sender }: Ball, { self }) =>
    dispatch(sender, { n, sender: self })
  )
  const ping = spawn(system, (_: unknown, { n, sender }: Ball, { self }) => {
    if (goesOn()) dispatch(sender, { n: n + 1, sender: self })
  })
  begin()
  dispatch(ping, { n: 0, sender: pong })
  const back = await over
  stop(system)
  return back
}

const xstate: Body = async (size, meter) => {
  const { begin, goesOn, over } = makeGame(size, meter)
  type Ball = { readonly type: "Ball"; readonly n: number }
  const pong = createActor(
    fromTransition((_: undefined, { n }: Ball) => {
      ping.send({ type: "Ball", n })
      return undefined
    }, undefined)
  )
  const ping = createActor(
    fromTransition((_: undefined, { n }: Ball) => {
      if (goesOn()) pong.send({ type: "Ball", n: n + 1 })
      return undefined
    }, undefined)
  )
  for (const actor of [ping, pong]) actor.start()
  begin()
  ping.send({ type: "Ball", n: 0 })
  const back = await over
  for (const actor of [ping, pong]) actor.stop()
  return back
}

const pingPong: Workload = {
  ...warmed,
  name: "ping-pong",
  work: "Two actors tell each other a number; n times it comes back to the first one.",
  module: import.meta.url,
  measure: "wall",
  sizes,
  baseline: "ActorRef.tell",
  contenders: {
    "ActorRef.tell": { run: fibra },
    "Queue + fiber": { run: queue, note: "raw Effect, two fibers and two Queues." },
    nact: { run: nact },
    xstate: { run: xstate, note: "no mailboxes here: `send` inside of a transition." },
    "Erlang process": erlang("ping-pong"),
    "Erlang process, one scheduler": erlang("ping-pong", 1)
  }
}

export const workloads: ReadonlyArray<Workload> = [pingPong]

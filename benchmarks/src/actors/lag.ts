/** Timers beside an actor that never runs out of messages. */
import * as Actor from "@fibra/actors/Actor"
import * as ActorSystem from "@fibra/actors/ActorSystem"
import * as Behavior from "@fibra/actors/Behavior"
import type { ActorContext } from "@fibra/actors/Behavior"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import { dispatch, spawn, start, stop } from "nact"
import { createActor, fromTransition } from "xstate"
import type { Body, Workload } from "../workload.ts"
import { erlang } from "./erlang.ts"
import { type Game, makeGame } from "./game.ts"

const Spinning = RpcGroup.make(Rpc.make("Spin"))

/** Sends itself the next message while it handles one. */
const spinner = ({ goesOn }: Game) =>
  Behavior.make(Spinning, () => Effect.void, {
    Spin: (_, state, { self }) =>
      Effect.as(goesOn() ? Effect.orDie(self.tell("Spin")) : Effect.void, [undefined, state])
  })

const Ticking = RpcGroup.make(Rpc.make("Tick"))
const milliseconds = 10

/** Sets its timer again when it has fired, and says how late that was. */
const ticker = (late: (seconds: number) => void) => {
  const next = (context: ActorContext<RpcGroup.Rpcs<typeof Ticking>>) =>
    Effect.suspend(() => {
      const due = performance.now() + milliseconds
      return Effect.as(context.timer("tick", { after: milliseconds }, "Tick"), due)
    })
  return Behavior.make(Ticking, next, {
    Tick: (_, due, context) => {
      late((performance.now() - due) / 1000)
      return Effect.map(next(context), (due) => [undefined, due])
    }
  })
}

const fibra =
  (withTicker: boolean): Body =>
  (size, meter) =>
    Effect.gen(function* () {
      const game = makeGame(size, meter)
      const hot = yield* Actor.spawn(spinner(game))
      if (withTicker) yield* Actor.spawn(ticker((seconds) => meter.late(seconds)))
      game.begin()
      yield* hot.tell("Spin")
      return yield* Effect.promise(() => game.over)
    }).pipe(Effect.scoped, Effect.provide(ActorSystem.layer), Effect.runPromise)

const queue: Body = (size, meter) =>
  Effect.gen(function* () {
    const { begin, goesOn, over } = makeGame(size, meter)
    const mailbox = yield* Queue.bounded<void>(10)
    const handle = Effect.suspend(() => (goesOn() ? Queue.offer(mailbox, undefined) : Effect.void))
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(Queue.take(mailbox), Effect.exit(handle)), {
        disableYield: true
      })
    )
    begin()
    yield* Queue.offer(mailbox, undefined)
    return yield* Effect.promise(() => over)
  }).pipe(Effect.scoped, Effect.runPromise)

const nact: Body = async (size, meter) => {
  const { begin, goesOn, over } = makeGame(size, meter)
  const system = start()
  const hot = spawn(system, (_: unknown, spin: "Spin", { self }) => {
    if (goesOn()) dispatch(self, spin)
  })
  begin()
  dispatch(hot, "Spin")
  const spins = await over
  stop(system)
  return spins
}

const xstate: Body = async (size, meter) => {
  const { begin, goesOn, over } = makeGame(size, meter)
  const hot = createActor(
    fromTransition((state: undefined, spin: { readonly type: "Spin" }, { self }) => {
      if (goesOn()) self.send(spin)
      return state
    }, undefined)
  ).start()
  begin()
  hot.send({ type: "Spin" })
  const spins = await over
  hot.stop()
  return spins
}

const lag: Workload = {
  name: "timer beside a hot actor",
  work: "An actor sends itself n messages, the next one while it handles one. Compared is how late a timer is meanwhile.",
  module: import.meta.url,
  measure: "lag",
  warmUp: { size: 10_000, seconds: 0.4 },
  operationsMin: 1,
  sizes: [2_000_000],
  baseline: "ActorContext.timer",
  contenders: {
    "ActorContext.timer": {
      run: fibra(true),
      note: `a timer of ${milliseconds} ms of another actor: late is the handler of its message.`
    },
    "Node's timer, actor": { run: fibra(false), note: "Node's `setTimeout`, as with the others." },
    "Queue + fiber": { run: queue, note: "raw Effect." },
    nact: { run: nact },
    xstate: { run: xstate, note: "handles all of them where the first one is sent." },
    "Erlang process": { ...erlang("lag"), note: "a timer of Erlang, in another process." }
  }
}

export const workloads: ReadonlyArray<Workload> = [lag]

/** An actor whose messages carry what it does with them. */
import { Effect, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Behavior } from "@fibra/actors"

export class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}

export type Context = Behavior.ActorContext<RpcGroup.Rpcs<typeof Protocol>>
export type Does = (context: Context, state: number) => Effect.Effect<number | void, Refused>

const does = Schema.declare((u: unknown): u is Does => typeof u === "function")
export const Protocol = RpcGroup.make(
  Rpc.make("Tell", { payload: does, error: Refused }),
  Rpc.make("Ask", { payload: does, success: Schema.Int, error: Refused }),
  Rpc.make("Down", { payload: { path: Schema.String, reason: Schema.String } }),
  Rpc.make("Tick", { payload: { n: Schema.Int } })
)
export type Ref = ReturnType<typeof refType>
declare const refType: () => Context["self"]

/** The state counts messages that were handled. A message replies with what it gives, or with that. */
export const worker = (
  init: (context: Context) => Effect.Effect<unknown> = () => Effect.void,
  log: Array<string> = []
) =>
  Behavior.make(Protocol, (context) => Effect.as(init(context), 0), {
    Tell: (does, state, context) =>
      Effect.as(does(context, state), [undefined, state + 1] as const),
    Ask: (does, state, context) =>
      Effect.map(does(context, state), (reply) => [reply ?? state + 1, state + 1] as const),
    Down: ({ path, reason }, state) =>
      Effect.sync(() => {
        log.push(`${path} ${reason}`)
        return [undefined, state + 1] as const
      }),
    Tick: ({ n }, state) =>
      Effect.sync(() => {
        log.push(`tick ${n}`)
        return [undefined, state + 1] as const
      })
  })

export const nothing: Does = () => Effect.void
export const bang: Does = () => Effect.die("bang")

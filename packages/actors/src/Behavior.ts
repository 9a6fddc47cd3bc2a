/**
 * What an actor does: how its state begins, and what each message makes of it.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import type { ActorContext } from "./ActorContext.ts"
import type * as Protocol from "./Protocol.ts"

/**
 * What each message of a protocol does: one handler for each tag.
 *
 * A handler returns the reply and the next state. A typed failure is a reply too, and leaves the
 * state as it was. A defect is a crash, and so is an interrupt that does not come from the asker.
 *
 * @since 0.1.0
 */
export type Handlers<P extends Rpc.Any, S> = {
  readonly [Current in P as Current["_tag"]]: (
    payload: Protocol.Payload<P, Current["_tag"]>,
    state: S,
    context: ActorContext<P>
  ) => Effect.Effect<
    readonly [reply: Protocol.Reply<P, Current["_tag"]>, state: S],
    Protocol.Failure<P, Current["_tag"]>,
    unknown
  >
}

/**
 * The services that handlers need.
 *
 * @since 0.1.0
 */
export type Services<H> = {
  [Tag in keyof H]: H[Tag] extends (...args: never) => Effect.Effect<infer _A, infer _E, infer R>
    ? R
    : never
}[keyof H]

/**
 * A protocol with its beginning and its handlers; any number of actors can run it.
 *
 * `E` is how the beginning may fail, `R` the services of all its effects, which are those of the
 * place where the actor is spawned.
 *
 * @since 0.1.0
 */
export interface Behavior<P extends Rpc.Any, out E = never, out R = never> {
  readonly protocol: RpcGroup.RpcGroup<P>
  readonly init: (context: ActorContext<P>) => Effect.Effect<unknown, E, R>
  readonly handlers: {
    readonly [tag: string]: (
      payload: never,
      state: never,
      context: ActorContext<P>
    ) => Effect.Effect<readonly [unknown, unknown], unknown, R>
  }
}

/**
 * Describes a behaviour. `init` makes the first state, and the handlers the next ones.
 *
 * `init` and the handlers run in the Scope of the incarnation: what they acquire, fork with
 * `Effect.forkScoped` or spawn is released when the actor stops or crashes. A fiber that a handler
 * forks with `Effect.forkChild` ends with that handler, or soon after.
 *
 * ```ts
 * const Counter = RpcGroup.make(
 *   Rpc.make("Add", { payload: { n: Schema.Int } }),
 *   Rpc.make("Total", { success: Schema.Int })
 * )
 * const counter = Behavior.make(Counter, () => Effect.succeed(0), {
 *   Add: ({ n }, total) => Effect.succeed([undefined, total + n] as const),
 *   Total: (_, total) => Effect.succeed([total, total] as const)
 * })
 * const ref = yield* Actor.spawn(counter)
 * yield* ref.tell("Add", { n: 2 })
 * yield* ref.ask("Total") // => 2
 * ```
 *
 * @since 0.1.0
 */
export const make = <P extends Rpc.Any, S, E, R, H extends Handlers<P, S>>(
  protocol: RpcGroup.RpcGroup<P>,
  init: (context: ActorContext<P>) => Effect.Effect<S, E, R>,
  handlers: H & { readonly [Tag in Exclude<keyof H, P["_tag"]>]: never }
): Behavior<P, E, Exclude<R | Services<H>, Scope.Scope>> => ({
  protocol,
  // The state and the Scope are the cell's affair: it gives handlers the state that they returned.
  init: init as Behavior<P, E, never>["init"],
  handlers: handlers as unknown as Behavior<P, E, never>["handlers"]
})

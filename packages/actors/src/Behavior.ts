/**
 * What an actor does: how its state begins, and what each message makes of it.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import type { ActorRef } from "./ActorRef.ts"
import type * as Protocol from "./Protocol.ts"

/**
 * What an actor can do with itself. Valid during one incarnation.
 *
 * @since 0.1.0
 */
export interface ActorContext<P extends Rpc.Any> {
  /** The address of this actor. */
  readonly self: ActorRef<P>
  /** Stops this actor after the message that it handles now. */
  readonly stop: Effect.Effect<void>
}

/**
 * What each message of a protocol does: one handler for each tag.
 *
 * A handler returns the reply and the next state. A typed failure is a reply too, and leaves the
 * state as it was. A defect is a crash.
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
 * Describes a behaviour. `init` runs in the Scope of each incarnation: what it acquires is released
 * when the actor stops or crashes.
 *
 * @since 0.1.0
 */
export const make = <P extends Rpc.Any, S, E, R, H extends Handlers<P, S>>(
  protocol: RpcGroup.RpcGroup<P>,
  init: (context: ActorContext<P>) => Effect.Effect<S, E, R>,
  handlers: H & { readonly [Tag in Exclude<keyof H, P["_tag"]>]: never }
): Behavior<P, E, Exclude<R | Services<H>, Scope.Scope>> => ({
  protocol,
  init: init as Behavior<P, E, never>["init"],
  handlers: handlers as unknown as Behavior<P, E, never>["handlers"]
})

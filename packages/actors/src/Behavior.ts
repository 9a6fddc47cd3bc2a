/**
 * What an actor does: how its state begins, and what each message makes of it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import type { Options } from "./ActorOptions.ts"
import type { ActorRef } from "./ActorRef.ts"
import type { Down } from "./Down.ts"
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
    payload: Rpc.Payload<Current>,
    state: S,
    context: ActorContext<P>
  ) => Effect.Effect<readonly [reply: Rpc.Success<Current>, state: S], Rpc.Error<Current>, unknown>
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
 * Annotates a message whose handler is not interrupted when its asker goes: it ends, its state
 * counts, and its reply is dropped.
 *
 * Without it, an interrupted handler leaves the state as it was, whatever else it has done by then.
 *
 * ```ts
 * import { Rpc } from "effect/rpc"
 * const Transfer = Rpc.make("Transfer").annotate(Behavior.Uninterruptible, true)
 * Context.get(Transfer.annotations, Behavior.Uninterruptible) // => true
 * ```
 *
 * @since 0.1.0
 */
export const Uninterruptible: Context.Reference<boolean> = Context.Reference<boolean>(
  "@fibra/actors/Uninterruptible",
  { defaultValue: () => false }
)

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
  /** The tags of messages whose handlers are not interrupted. */
  readonly uninterruptible: ReadonlySet<string>
}

/**
 * Describes a behaviour. `init` makes the first state, and the handlers the next ones.
 *
 * `init` and the handlers run in the Scope of the incarnation: what they acquire, fork with
 * `Effect.forkScoped` or spawn is released when the actor stops or crashes. A fiber that a handler
 * forks with `Effect.forkChild` ends with that handler, or soon after.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Counter = RpcGroup.make(
 *   Rpc.make("Add", { payload: { n: Schema.Int } }),
 *   Rpc.make("Total", { success: Schema.Int })
 * )
 * const counter = Behavior.make(Counter, () => Effect.succeed(0), {
 *   Add: ({ n }, total) => Effect.succeed([undefined, total + n] as const),
 *   Total: (_, total) => Effect.succeed([total, total] as const)
 * })
 * const system = yield* Layer.build(ActorSystem.layer)
 * const ref = yield* Actor.spawn(counter).pipe(Effect.provide(system))
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
  handlers: handlers as unknown as Behavior<P, E, never>["handlers"],
  uninterruptible: new Set(
    Array.from(protocol.requests.values())
      .filter(({ annotations }) => Context.get(annotations, Uninterruptible))
      .map(({ _tag }) => _tag)
  )
})

/**
 * When a timer sends its message: once, or again and again until it is cancelled.
 *
 * @since 0.1.0
 */
export type When = { readonly after: Duration.Input } | { readonly every: Duration.Input }

/**
 * What an actor can do with itself. All of it ends with the incarnation: children stop, timers and
 * watches are gone, and a context that somebody kept does nothing any more.
 *
 * @since 0.1.0
 */
export interface ActorContext<P extends Rpc.Any> {
  /** The address of this actor. */
  readonly self: ActorRef<P>
  /** Starts a child. It is stopped before what this actor had acquired earlier is released. */
  spawn<P2 extends Rpc.Any, E, R>(
    behavior: Behavior<P2, E, R>,
    options?: Options
  ): Effect.Effect<ActorRef<P2>, E, R>
  /**
   * Has this actor told once, before its other messages, when another one is gone for ever; at once
   * if it is already. Watching it again replaces the message.
   */
  watch<P2 extends Rpc.Any, Tag extends P["_tag"], M extends P = Rpc.ExtractTag<P, Tag>>(
    ref: ActorRef<P2>,
    tag: Tag,
    payload: (down: Down) => Rpc.Payload<M>
  ): Effect.Effect<void>
  /** Ends a watch: nothing comes of it any more, also when it waits in the mailbox. */
  unwatch<P2 extends Rpc.Any>(ref: ActorRef<P2>): Effect.Effect<void>
  /**
   * Starts a timer, which replaces one of the same key. Its message stands in the mailbox at most
   * once, where there is always room for it, and never comes after the timer was cancelled or
   * replaced.
   */
  timer<Tag extends P["_tag"], M extends P = Rpc.ExtractTag<P, Tag>>(
    key: string,
    when: When,
    tag: Tag,
    ...payload: Protocol.ArgumentsOf<M, never>
  ): Effect.Effect<void>
  /** Cancels a timer, if there is one of this key. */
  cancelTimer(key: string): Effect.Effect<void>
  /** Sends the actor a message each time that it had nothing to do for so long. Replaces the last. */
  receiveTimeout<Tag extends P["_tag"], M extends P = Rpc.ExtractTag<P, Tag>>(
    after: Duration.Input,
    tag: Tag,
    ...payload: Protocol.ArgumentsOf<M, never>
  ): Effect.Effect<void>
  /**
   * Ends the handler, leaves the state as it is, and puts the message aside until `unstashAll`; its
   * asker goes on waiting. As many can be put aside as the mailbox holds; one more is refused as by
   * a full mailbox.
   */
  readonly stash: Effect.Effect<never>
  /** Puts all that was put aside back to the front of the mailbox, in the order of its arrival. */
  readonly unstashAll: Effect.Effect<void>
  /** Stops this actor after the message that it handles now. */
  readonly stop: Effect.Effect<void>
}

/**
 * What an actor can do with itself, given to `init` and to each handler.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type { ActorRef } from "./ActorRef.ts"
import type { Behavior } from "./Behavior.ts"
import type { Down } from "./Down.ts"
import type * as Protocol from "./Protocol.ts"

/**
 * When a timer sends its message: once, or again and again until it is cancelled.
 *
 * @since 0.1.0
 */
export type When = { readonly after: Duration.Input } | { readonly every: Duration.Input }

/**
 * What happens to one more message when a mailbox is full: its sender waits for room, its sender
 * fails with `MailboxFull`, it becomes a dead letter, or the oldest one becomes one to make room.
 *
 * @since 0.1.0
 */
export type Overflow = "suspend" | "fail" | "dropNewest" | "dropOldest"

/**
 * How one actor is made.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Its name in paths; need not be unique. Default: the id of the actor. */
  readonly name?: string | undefined
  /** Messages that may wait, an integer from 1. Default: 10,000. */
  readonly capacity?: number | undefined
  /** What happens to one more. Default: `"suspend"`. */
  readonly overflow?: Overflow | undefined
  /** How long a stop waits for the current message until it is interrupted. Default: 5 seconds. */
  readonly shutdown?: Duration.Input | undefined
  /** Stops the actor once it had nothing to do for this long. Default: never. */
  readonly idle?: Duration.Input | undefined
}

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
  watch<P2 extends Rpc.Any, Tag extends P["_tag"]>(
    ref: ActorRef<P2>,
    tag: Tag,
    payload: (down: Down) => Protocol.Payload<P, Tag>
  ): Effect.Effect<void>
  /** Ends a watch: nothing comes of it any more, also when it waits in the mailbox. */
  unwatch<P2 extends Rpc.Any>(ref: ActorRef<P2>): Effect.Effect<void>
  /**
   * Starts a timer, which replaces one of the same key. Its message stands in the mailbox at most
   * once, takes no room there, and never comes after the timer was cancelled or replaced.
   */
  timer<Tag extends P["_tag"]>(
    key: string,
    when: When,
    tag: Tag,
    ...payload: Protocol.Arguments<P, Tag, never>
  ): Effect.Effect<void>
  /** Cancels a timer, if there is one of this key. */
  cancelTimer(key: string): Effect.Effect<void>
  /** Sends the actor a message each time that it had nothing to do for so long. Replaces the last. */
  receiveTimeout<Tag extends P["_tag"]>(
    after: Duration.Input,
    tag: Tag,
    ...payload: Protocol.Arguments<P, Tag, never>
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

/**
 * The address of an actor: all that others ever hold of it.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type { ActorStopped, AskCycle, AskTimeout, MailboxFull } from "./ActorError.ts"
import type * as Protocol from "./Protocol.ts"

/**
 * How one ask is made.
 *
 * @since 0.1.0
 */
export interface AskOptions {
  /** How long to wait for the answer, in the mailbox and in the handler. Default: 5 seconds. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * The address of an actor that understands the messages `P`.
 *
 * It stays valid when the actor crashes and is started again. It may be sent in messages, and held
 * after the actor has stopped: then asks fail at once, and tells become dead letters.
 *
 * @since 0.1.0
 */
export interface ActorRef<in P extends Rpc.Any> {
  /** Where the actor is in the tree, for people: `"/bank/alice"`. */
  readonly path: string
  /** Unique in its system. Two actors never share an id, also when they share a path. */
  readonly id: number
  /**
   * Sends a message without waiting for its answer.
   *
   * While the mailbox is full, waits in line for room; an interrupted wait has not sent anything,
   * unless room was made in the same moment. Fails with `MailboxFull` where the actor was made with
   * overflow `"fail"`, or itself waits for the sender, as when it sends to itself. What is sent to an
   * actor that has stopped becomes a dead letter.
   */
  readonly tell: <Tag extends P["_tag"], M extends P = Rpc.ExtractTag<P, Tag>>(
    tag: Tag,
    ...rest: Protocol.ArgumentsOf<M, never>
  ) => Effect.Effect<void, MailboxFull>
  /** Sends a message now, from outside of effects too; never waits. */
  readonly tellUnsafe: <Tag extends P["_tag"], M extends P = Rpc.ExtractTag<P, Tag>>(
    tag: Tag,
    ...rest: Protocol.ArgumentsOf<M, never>
  ) => Exit.Exit<void, MailboxFull>
  /**
   * Sends a message and waits for its answer, at most until the timeout.
   *
   * When the asker is interrupted or its time is up, the request leaves the mailbox, or its handler
   * is interrupted; there is no late answer.
   */
  readonly ask: <Tag extends P["_tag"], M extends P = Rpc.ExtractTag<P, Tag>>(
    tag: Tag,
    ...rest: Protocol.ArgumentsOf<M, AskOptions>
  ) => Effect.Effect<
    Rpc.Success<M>,
    Rpc.Error<M> | MailboxFull | ActorStopped | AskTimeout | AskCycle
  >
}

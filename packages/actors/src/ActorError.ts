/**
 * What can go wrong between a sender and an actor, apart from the errors that a message declares.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"

/**
 * The mailbox is full, and the message was not taken.
 *
 * @since 0.1.0
 */
export class MailboxFull extends Data.TaggedError("MailboxFull")<{
  /** The path of the actor. */
  readonly actor: string
  readonly capacity: number
}> {
  override get message(): string {
    return `${this.actor} has ${this.capacity} messages waiting: send less, or use tell, which waits for room where the mailbox is made with overflow "suspend"`
  }
}

/**
 * The actor will not answer: it has stopped, or it crashed while it handled this message.
 *
 * @since 0.1.0
 */
export class ActorStopped extends Data.TaggedError("ActorStopped")<{
  /** The path of the actor. */
  readonly actor: string
  readonly reason: "stopped" | "crashed" | "killed"
  /** Why it crashed, when it did. */
  readonly cause?: Cause.Cause<unknown>
}> {
  override get message(): string {
    return this.reason === "crashed"
      ? `${this.actor} crashed on this message, which is not tried again: see its dead letter`
      : `${this.actor} has ${this.reason === "killed" ? "been killed" : "stopped"}: start it again, or watch it to be told`
  }
}

/**
 * No answer came in time. The request is out of the mailbox, or its handler was interrupted.
 *
 * @since 0.1.0
 */
export class AskTimeout extends Data.TaggedError("AskTimeout")<{
  /** The path of the actor. */
  readonly actor: string
  /** The tag of the message. */
  readonly tag: string
  readonly timeout: Duration.Duration
}> {
  override get message(): string {
    return `${this.actor} did not answer ${this.tag} within ${Duration.format(this.timeout)}: give the ask a longer timeout, or find what keeps the actor busy`
  }
}

/**
 * The ask could never be answered: the actor itself waits, through these asks, for the asker.
 *
 * @since 0.1.0
 */
export class AskCycle extends Data.TaggedError("AskCycle")<{
  /** The paths of the actors, from the one that is asked again to itself. */
  readonly path: ReadonlyArray<string>
}> {
  override get message(): string {
    return `${this.path.join(" -> ")} wait for each other: use tell for one of these messages`
  }
}

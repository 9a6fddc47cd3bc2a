/**
 * A topic: what is published there is told to all actors that have subscribed.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import { ActorStopped } from "./ActorError.ts"
import type { ActorRef } from "./ActorRef.ts"
import type { Cell } from "./internal/cell.ts"
import * as Checks from "./internal/checks.ts"
import { cellOf } from "./internal/localRef.ts"
import { observe } from "./internal/watches.ts"
import type * as Protocol from "./Protocol.ts"

/**
 * The topic has as many subscribers as it takes.
 *
 * @since 0.1.0
 */
export class TooManySubscribers extends Data.TaggedError("TooManySubscribers")<{
  readonly topic: string
  readonly subscribersMax: number
}> {
  override get message(): string {
    return `The topic "${this.topic}" has ${this.subscribersMax} subscribers: raise subscribersMax, or have one actor tell others`
  }
}

/**
 * What became of a message that was published: each subscriber is in one of the two.
 *
 * @since 0.1.0
 */
export interface Published {
  /** Subscribers that were told. */
  readonly told: number
  /** The paths of subscribers whose mailbox was full, and which were not told. */
  readonly refused: ReadonlyArray<string>
}

/**
 * Who publishes, and who is told.
 *
 * @since 0.1.0
 */
export interface Topic<P extends Rpc.Any> {
  readonly name: string
  /**
   * Has an actor told from now on, until it unsubscribes or is gone. Without effect on a subscriber.
   */
  subscribe(ref: ActorRef<P>): Effect.Effect<void, TooManySubscribers | ActorStopped>
  /** False if it is no subscriber. */
  unsubscribe(ref: ActorRef<P>): Effect.Effect<boolean>
  /**
   * Tells the subscribers, in the order in which they subscribed. It never waits: one whose mailbox
   * is full is not told, and the result says so.
   */
  publish<Tag extends P["_tag"]>(
    tag: Tag,
    ...payload: Protocol.Arguments<P, Tag, never>
  ): Effect.Effect<Published>
  /** How many subscribers there are. */
  readonly subscribers: Effect.Effect<number>
}

/**
 * Creates a topic without subscribers.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const News = RpcGroup.make(
 *   Rpc.make("Headline", { payload: { text: Schema.String } }),
 *   Rpc.make("Latest", { success: Schema.String })
 * )
 * const reader = Behavior.make(News, () => Effect.succeed("nothing"), {
 *   Headline: ({ text }) => Effect.succeed([undefined, text] as const),
 *   Latest: (_, latest) => Effect.succeed([latest, latest] as const)
 * })
 * const program = Effect.gen(function*() {
 *   const topic = yield* Topic.make("news", News)
 *   const ref = yield* Actor.spawn(reader)
 *   yield* topic.subscribe(ref)
 *   yield* topic.publish("Headline", { text: "all is well" }) // => { told: 1, refused: [] }
 *   return yield* ref.ask("Latest")
 * })
 * yield* Effect.provide(program, ActorSystem.layer) // => "all is well"
 * ```
 *
 * @since 0.1.0
 */
export const make = <P extends Rpc.Any>(
  name: string,
  _protocol: RpcGroup.RpcGroup<P>,
  options: {
    /** How many it takes, an integer from 1. Default: 10,000. */
    readonly subscribersMax?: number | undefined
  } = {}
): Effect.Effect<Topic<P>> =>
  Effect.sync(() => {
    const subscribersMax = Checks.count("subscribersMax", options.subscribersMax ?? 10_000)
    // Invariant: whoever is in here is not gone; an actor leaves within the step that ends it.
    const subscribers = new Map<Cell, Subscriber<P>>()

    const remove = (cell: Cell | undefined): boolean => {
      const subscriber = cell && subscribers.get(cell)
      if (cell === undefined || subscriber === undefined) return false
      subscriber.forget()
      return subscribers.delete(cell)
    }
    return {
      name,
      subscribe: (ref) =>
        Effect.suspend((): Effect.Effect<void, TooManySubscribers | ActorStopped> => {
          const cell = cellOf(ref)
          if (cell === undefined || cell.status === "stopped") {
            return Effect.fail(new ActorStopped({ actor: ref.path, reason: "stopped" }))
          }
          if (subscribers.has(cell)) return Effect.void
          if (subscribers.size >= subscribersMax) {
            return Effect.fail(new TooManySubscribers({ topic: name, subscribersMax }))
          }
          subscribers.set(cell, { ref, forget: observe(cell, () => remove(cell)) })
          return Effect.void
        }),
      unsubscribe: (ref) => Effect.sync(() => remove(cellOf(ref))),
      publish: (tag, ...payload) =>
        Effect.sync(() => {
          const refused = Array.from(subscribers.values())
            .filter(({ ref }) => Exit.isFailure(ref.tellUnsafe(tag, ...payload)))
            .map(({ ref }) => ref.path)
          return { told: subscribers.size - refused.length, refused }
        }),
      subscribers: Effect.sync(() => subscribers.size)
    }
  })

interface Subscriber<P extends Rpc.Any> {
  readonly ref: ActorRef<P>
  /** Ends the watch on it. */
  readonly forget: () => void
}

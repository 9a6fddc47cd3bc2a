/**
 * Messages that nobody will handle, each with the reason: kept, counted, and logged.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/**
 * Why nobody will handle a message.
 *
 * `stopped`: the actor has stopped, before the message came or before its turn. `killed`: the actor was
 * killed while it handled it. `crashed`: its handler died of it. `droppedNewest`, `droppedOldest`:
 * the mailbox was full, and is made to drop. `stashFull`: no more messages could be put aside.
 *
 * @since 0.1.0
 */
export type Reason =
  | "stopped"
  | "killed"
  | "crashed"
  | "droppedNewest"
  | "droppedOldest"
  | "stashFull"

/**
 * A message that nobody will handle. One that was asked, and whose asker was told that the actor has
 * stopped, is none.
 *
 * @since 0.1.0
 */
export interface DeadLetter {
  /** The path of the actor that it was for. */
  readonly actor: string
  readonly tag: string
  /** Of a watch whose payload could not be made: the `Down`. */
  readonly payload: unknown
  readonly reason: Reason
  /** What its handler died of, where the reason is `crashed`. */
  readonly cause: Cause.Cause<unknown> | undefined
}

/**
 * The dead letters of a system; part of `ActorSystem.layer`.
 *
 * The first one of each actor and reason is logged as a warning, one that was in the mailbox when the
 * actor stopped for debugging only, and each crash as an error: the others are counted. With
 * `References.UnhandledLogLevel` of `undefined` nothing is logged.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Job = RpcGroup.make(Rpc.make("Run", { payload: { n: Schema.Int } }))
 * const job = Behavior.make(Job, () => Effect.void, { Run: () => Effect.die("no such job") })
 * const system = yield* Layer.build(ActorSystem.layer)
 * const ref = yield* Actor.spawn(job).pipe(Effect.provide(system))
 * const stopped = yield* Effect.flip(ref.ask("Run", { n: 1 }))
 * stopped._tag // => "ActorStopped"
 * const [letter] = yield* Context.get(system, DeadLetters.DeadLetters).all
 * const why = [letter?.reason, letter?.payload]
 * why // => ["crashed", { n: 1 }]
 * ```
 *
 * @since 0.1.0
 */
export class DeadLetters extends Context.Service<
  DeadLetters,
  {
    /** The newest dead letters, oldest first: 1,000, or as many as the system was made to keep. */
    readonly all: Effect.Effect<ReadonlyArray<DeadLetter>>
    /** How many there were, by reason. */
    readonly counts: Effect.Effect<Readonly<Record<Reason, number>>>
    /** Those from now on. A reader that falls more than 1,000 behind misses the oldest ones. */
    readonly stream: Stream.Stream<DeadLetter>
  }
>()("@fibra/actors/DeadLetters") {}

/**
 * What the actors of one program share: their turns, their time, their dead letters.
 *
 * @since 0.1.0
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import { DeadLetters } from "./DeadLetters.ts"
import { pathOf, type Status, type System } from "./internal/cell.ts"
import * as Checks from "./internal/checks.ts"
import * as Store from "./internal/deadLetters.ts"
import * as Systems from "./internal/system.ts"

/**
 * The system that actors are spawned in. Its fields are for this package.
 *
 * @since 0.1.0
 */
export class ActorSystem extends Context.Service<ActorSystem, System>()(
  "@fibra/actors/ActorSystem"
) {}

/**
 * How a system is made.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Dead letters that are kept, an integer from 1. Default: 1,000. */
  readonly deadLettersMax?: number | undefined
}

/**
 * What is taken for options that are left out.
 *
 * @since 0.1.0
 */
export const defaults = { deadLettersMax: 1_000 } as const

/**
 * A system with its dead letters. When its scope closes, all actors that are left stop, the one that
 * was started last first, and from then on a spawn interrupts itself.
 *
 * @since 0.1.0
 */
export const layerWith = (options: Options): Layer.Layer<ActorSystem | DeadLetters> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const { deadLettersMax = defaults.deadLettersMax } = options
      const keptMax = Checks.count("deadLettersMax", deadLettersMax)
      const { add, service } = yield* Store.make(keptMax)
      const system = yield* Effect.acquireRelease(Systems.make(add), Systems.close)
      return Context.make(ActorSystem, system).pipe(Context.add(DeadLetters, service))
    })
  )

/**
 * A system with the default options.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<ActorSystem | DeadLetters> = layerWith({})

/**
 * Stops all actors that the system has now, the one that was started last first. New ones can start.
 *
 * @since 0.1.0
 */
export const stopAll: Effect.Effect<void, never, ActorSystem> = Effect.flatMap(
  ActorSystem,
  Systems.stopAll
)

/**
 * What was done with messages. `offered` is the sum of the others, and of those that are queued.
 *
 * @since 0.1.0
 */
export interface Counts {
  readonly offered: number
  /** Handled, with a reply or a typed failure. */
  readonly handled: number
  /** Refused to their senders, or given up by them. */
  readonly rejected: number
  readonly deadLettered: number
  /** In a mailbox, put aside, or being handled. */
  readonly queued: number
}

/**
 * What an actor is doing.
 *
 * @since 0.1.0
 */
export type { Status } from "./internal/cell.ts"

/**
 * One actor at one moment.
 *
 * @since 0.1.0
 */
export interface ActorSnapshot {
  readonly id: number
  readonly path: string
  /** The path of the actor or supervisor above it: `""` where there is none. */
  readonly parent: string
  readonly status: Status
  /** The `_tag` of its state, where that has one. */
  readonly state: string | undefined
  readonly counts: Counts
  /** Senders that wait for room. */
  readonly waiting: number
  /** Messages that were put aside. */
  readonly stashed: number
  /** What it handles now. */
  readonly handling: string | undefined
  readonly restarts: number
  readonly lastCrash: Cause.Cause<unknown> | undefined
}

/**
 * All actors that have not stopped, in order of their start. Costs nothing while nobody calls it.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Job = RpcGroup.make(Rpc.make("Run"))
 * const job = Behavior.make(Job, () => Effect.void, { Run: () => Effect.succeed([undefined, undefined] as const) })
 * const look = Effect.gen(function* () {
 *   yield* Actor.spawn(job, { name: "worker" })
 *   return yield* ActorSystem.snapshot
 * })
 * const [actor] = yield* look.pipe(Effect.scoped, Effect.provide(ActorSystem.layer))
 * const seen = [actor?.path, actor?.status, actor?.counts.queued]
 * seen // => ["/worker", "running", 0]
 * ```
 *
 * @since 0.1.0
 */
export const snapshot: Effect.Effect<ReadonlyArray<ActorSnapshot>, never, ActorSystem> = Effect.map(
  ActorSystem,
  ({ cells }) =>
    Array.from(cells.values(), (cell): ActorSnapshot => {
      const { current, handled, id, life, mailbox, more, offered, rejected, deadLettered } = cell
      const stashed = life?.aside?.size ?? 0
      const queued =
        (mailbox?.size ?? 0) + (more?.urgent.size ?? 0) + stashed + (current === undefined ? 0 : 1)
      return {
        id,
        path: pathOf(cell),
        parent: cell.parent.path,
        status: cell.status,
        state: tagOf(life?.state),
        counts: { offered, handled, rejected, deadLettered, queued },
        waiting: more?.waiting.size ?? 0,
        stashed,
        handling: current?.tag,
        restarts: Math.max(0, cell.incarnations - 1),
        lastCrash: more?.lastCrash
      }
    })
)

const tagOf = (state: unknown): string | undefined =>
  Predicate.hasProperty(state, "_tag") && typeof state._tag === "string" ? state._tag : undefined

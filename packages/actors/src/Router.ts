/**
 * Pools: actors of one behaviour that share the messages sent to them.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Hash from "effect/Hash"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import type { ActorRef, AskOptions } from "./ActorRef.ts"
import type { ActorSystem } from "./ActorSystem.ts"
import type { Behavior } from "./Behavior.ts"
import type { Cell } from "./internal/cell.ts"
import { cellOf } from "./internal/localRef.ts"
import type * as Protocol from "./Protocol.ts"
import * as Supervisor from "./Supervisor.ts"

/**
 * Defect: a pool has at least one actor.
 *
 * @since 0.1.0
 */
export class InvalidPoolSize extends Data.TaggedError("InvalidPoolSize")<{
  readonly size: number
}> {
  override get message(): string {
    return `A pool of ${this.size} actors: give a whole number from 1`
  }
}

/**
 * A message of a protocol with its tag.
 *
 * @since 0.1.0
 */
export type Message<P extends Rpc.Any> = {
  readonly [Tag in P["_tag"]]: { readonly tag: Tag; readonly payload: Protocol.Payload<P, Tag> }
}[P["_tag"]]

/**
 * Which actor of a pool gets a message.
 *
 * `"roundRobin"`: one after the other. `"leastLoaded"`: the one with the fewest messages, which costs
 * a look at each. Both prefer actors that run to those that are being restarted. A function: all
 * messages with the same key go to the same actor, in their order, also while it is restarted.
 *
 * @since 0.1.0
 */
export type Routing<P extends Rpc.Any> =
  | "roundRobin"
  | "leastLoaded"
  | ((message: Message<P>) => string | number)

/**
 * How a pool is made, and how its actors are supervised.
 *
 * @since 0.1.0
 */
export interface Options<P extends Rpc.Any>
  extends Supervisor.Options, Omit<Supervisor.ChildOptions, "backoff"> {
  /** Its name in paths. Default: `"pool"`. */
  readonly name?: string | undefined
  /** How many actors, a whole number from 1. */
  readonly size: number
  /** Default: `"roundRobin"`. */
  readonly routing?: Routing<P> | undefined
}

/**
 * A pool, to which messages are sent as to an actor.
 *
 * @since 0.1.0
 */
export interface Router<P extends Rpc.Any> extends Pick<
  ActorRef<P>,
  "path" | "tell" | "tellUnsafe" | "ask"
> {
  readonly workers: ReadonlyArray<ActorRef<P>>
}

/**
 * Starts a pool that lives as long as the Scope, under a supervisor of its own.
 *
 * An actor of the pool that is gone gets no messages any more. When all are gone, asks fail with
 * `ActorStopped`, and tells become dead letters. Fails and gives up as `Supervisor.make`.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Squares = RpcGroup.make(Rpc.make("Square", { payload: { n: Schema.Int }, success: Schema.Int }))
 * const worker = Behavior.make(Squares, () => Effect.succeed(0), {
 *   Square: ({ n }, state) => Effect.succeed([n * n, state] as const)
 * })
 * const program = Effect.gen(function*() {
 *   const pool = yield* Router.pool(worker, { size: 4, routing: "leastLoaded" })
 *   return yield* Effect.forEach([1, 2, 3], (n) => pool.ask("Square", { n }), {
 *     concurrency: "unbounded"
 *   })
 * })
 * yield* Effect.provide(program, ActorSystem.layer) // => [1, 4, 9]
 * ```
 *
 * @since 0.1.0
 */
export const pool = <P extends Rpc.Any, E, R>(
  behavior: Behavior<P, E, R>,
  options: Options<P>
): Effect.Effect<Router<P>, Supervisor.StartFailed<E>, R | Scope.Scope | ActorSystem> =>
  Effect.gen(function* () {
    const { backoff, countPer, intensity, name, period, routing, size, strategy, ...child } =
      options
    if (!Number.isSafeInteger(size) || size < 1) {
      return yield* Effect.die(new InvalidPoolSize({ size }))
    }
    const spec = Supervisor.child(behavior, child)
    const names = Array.from({ length: size }, (_, index) => `worker-${index + 1}`)
    const { path, refs } = yield* Supervisor.make(
      Object.fromEntries(names.map((name) => [name, spec])),
      { backoff, countPer, intensity, name: name ?? "pool", period, strategy }
    )
    const workers = names.map((name) => refs[name]!)
    const choose = chooser(workers, routing ?? "roundRobin")
    return {
      path,
      workers,
      tell: <Tag extends P["_tag"], M extends P>(
        tag: Tag,
        ...rest: Protocol.ArgumentsOf<M, never>
      ) => Effect.suspend(() => choose(tag, rest[0]).tell<Tag, M>(tag, ...rest)),
      tellUnsafe: <Tag extends P["_tag"], M extends P>(
        tag: Tag,
        ...rest: Protocol.ArgumentsOf<M, never>
      ) => choose(tag, rest[0]).tellUnsafe<Tag, M>(tag, ...rest),
      ask: <Tag extends P["_tag"], M extends P>(
        tag: Tag,
        ...rest: Protocol.ArgumentsOf<M, AskOptions>
      ) => Effect.suspend(() => choose(tag, rest[0]).ask<Tag, M>(tag, ...rest))
    }
  })

type Choose<P extends Rpc.Any> = (tag: P["_tag"], payload: unknown) => ActorRef<P>

const chooser = <P extends Rpc.Any>(
  workers: ReadonlyArray<ActorRef<P>>,
  routing: Routing<P>
): Choose<P> => {
  const cells = workers.map(cellOf)
  let next = 0
  /** The first from `from` on whose load is small enough, or else the one with the least. */
  const leastFrom = (from: number, isEnough: number): number => {
    let [best, least] = [from, Infinity]
    for (let step = 0; step < workers.length && least > isEnough; step++) {
      const index = (from + step) % workers.length
      const load = loadOf(cells[index])
      if (load < least) [best, least] = [index, load]
    }
    return best
  }

  if (typeof routing === "function") {
    return (tag, payload) => {
      // The tag and the payload of a message belong together, as the types of `tell` and `ask` say.
      const key = Hash.hash(routing({ tag, payload } as Message<P>)) >>> 0
      return workers[leastFrom(key % workers.length, downLoad)]!
    }
  }
  const isEnough = routing === "leastLoaded" ? 0 : downLoad - 1
  return () => {
    const index = leastFrom(next, isEnough)
    next = (index + 1) % workers.length
    return workers[index]!
  }
}

/** More than any actor that runs can have. */
const downLoad = Number.MAX_SAFE_INTEGER

/** How many messages an actor has; that of one which does not run now is larger than all others. */
const loadOf = (cell: Cell | undefined): number => {
  if (cell === undefined || cell.status === "stopped") return Infinity
  if (cell.status !== "running") return downLoad
  return (cell.mailbox?.size ?? 0) + (cell.current === undefined ? 0 : 1)
}

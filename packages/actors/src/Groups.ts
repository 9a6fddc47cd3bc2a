/**
 * Groups of actors under a name: who joins is a member until it leaves or is gone.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as Stream from "effect/Stream"
import { ActorStopped } from "./ActorError.ts"
import type { ActorRef } from "./ActorRef.ts"
import { isRef } from "./internal/addresses.ts"
import type { Cell } from "./internal/cell.ts"
import { cellOf } from "./internal/localRef.ts"
import { observe } from "./internal/watches.ts"

/**
 * The name of a group, and the protocol that its members understand.
 *
 * @since 0.1.0
 */
export interface Group<P extends Rpc.Any> {
  readonly name: string
  readonly protocol: RpcGroup.RpcGroup<P>
}

/**
 * The groups of one program. It holds no more than there are living members and open streams.
 *
 * @since 0.1.0
 */
export class Groups extends Context.Service<
  Groups,
  {
    /**
     * Makes an actor a member, until it leaves or is gone; it is one across crashes. Without effect
     * on a member.
     */
    readonly join: <P extends Rpc.Any>(
      group: Group<P>,
      ref: ActorRef<P>
    ) => Effect.Effect<void, ActorStopped>
    /** False if it is no member. */
    readonly leave: <P extends Rpc.Any>(group: Group<P>, ref: ActorRef<P>) => Effect.Effect<boolean>
    /**
     * The members that understand the protocol, in the order in which they joined. Whoever joined
     * under this name with another protocol is not among them.
     */
    readonly members: <P extends Rpc.Any>(
      group: Group<P>
    ) => Effect.Effect<ReadonlyArray<ActorRef<P>>>
    /** The names of the groups that have members, or readers of their changes. */
    readonly names: Effect.Effect<ReadonlyArray<string>>
    /** The members now, and again whenever they have changed. A slow reader skips to the newest. */
    readonly changes: <P extends Rpc.Any>(
      group: Group<P>
    ) => Stream.Stream<ReadonlyArray<ActorRef<P>>>
  }
>()("@fibra/actors/Groups") {}

/**
 * The group of this name, of actors that understand the protocol.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Auditor = RpcGroup.make(Rpc.make("Audit"))
 * const auditor = Behavior.make(Auditor, () => Effect.succeed(0), {
 *   Audit: (_, state) => Effect.succeed([undefined, state] as const)
 * })
 * const Auditors = Groups.group("auditors", Auditor)
 * const program = Effect.gen(function*() {
 *   const { join, members } = yield* Groups.Groups
 *   const [one, two] = [yield* Actor.spawn(auditor), yield* Actor.spawn(auditor)]
 *   yield* join(Auditors, one)
 *   yield* join(Auditors, two)
 *   yield* Actor.stop(one)
 *   return (yield* members(Auditors)).length
 * })
 * yield* Effect.provide(program, [ActorSystem.layer, Groups.layer]) // => 1
 * ```
 *
 * @since 0.1.0
 */
export const group = <P extends Rpc.Any>(
  name: string,
  protocol: RpcGroup.RpcGroup<P>
): Group<P> => ({ name, protocol })

/**
 * Groups without members.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Groups> = Layer.effect(
  Groups,
  Effect.sync(() => {
    // Invariant: what is in `groups` has a member that is not gone, or a reader.
    const groups = new Map<string, Members>()

    const open = (name: string): Members => {
      const group = groups.get(name) ?? { members: new Map(), readers: new Set() }
      groups.set(name, group)
      return group
    }
    const tidy = (name: string, { members, readers }: Members): void => {
      if (members.size === 0 && readers.size === 0) groups.delete(name)
    }
    const remove = (name: string, cell: Cell | undefined): boolean => {
      const group = groups.get(name)
      const member = cell && group?.members.get(cell)
      if (group === undefined || cell === undefined || member === undefined) return false
      member.forget()
      group.members.delete(cell)
      for (const reader of group.readers) reader()
      tidy(name, group)
      return true
    }
    const list = <P extends Rpc.Any>({ name, protocol }: Group<P>): ReadonlyArray<ActorRef<P>> =>
      Array.from(groups.get(name)?.members.values() ?? [], ({ ref }) => ref).filter(isRef(protocol))

    const read = <P extends Rpc.Any>(
      group: Group<P>,
      queue: Queue.Enqueue<ReadonlyArray<ActorRef<P>>>
    ) => {
      const reader = () => void Queue.offerUnsafe(queue, list(group))
      return Effect.acquireRelease(
        Effect.sync(() => {
          open(group.name).readers.add(reader)
          reader()
        }),
        () =>
          Effect.sync(() => {
            const state = open(group.name)
            state.readers.delete(reader)
            tidy(group.name, state)
          })
      )
    }

    return {
      join: ({ name }, ref) =>
        Effect.suspend(() => {
          const cell = cellOf(ref)
          if (cell === undefined || cell.status === "stopped") {
            return Effect.fail(new ActorStopped({ actor: ref.path, reason: "stopped" }))
          }
          const { members, readers } = open(name)
          if (members.has(cell)) return Effect.void
          members.set(cell, { ref, forget: observe(cell, () => remove(name, cell)) })
          for (const reader of readers) reader()
          return Effect.void
        }),
      leave: ({ name }, ref) => Effect.sync(() => remove(name, cellOf(ref))),
      members: (group) => Effect.sync(() => list(group)),
      names: Effect.sync(() => [...groups.keys()]),
      changes: <P extends Rpc.Any>(group: Group<P>) =>
        Stream.callback<ReadonlyArray<ActorRef<P>>>((queue) => read(group, queue), {
          bufferSize: 1,
          strategy: "sliding"
        })
    }
  })
)

/** The members of one group, and who reads its changes. */
interface Members {
  readonly members: Map<Cell, { readonly ref: unknown; readonly forget: () => void }>
  readonly readers: Set<() => void>
}

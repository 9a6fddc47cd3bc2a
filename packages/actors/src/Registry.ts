/**
 * Names for actors: at most one living actor has a name, and a name forgets an actor that is gone.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import { ActorStopped } from "./ActorError.ts"
import type { ActorRef } from "./ActorRef.ts"
import { isRef } from "./internal/addresses.ts"
import { cellOf } from "./internal/localRef.ts"
import { observe } from "./internal/watches.ts"

/**
 * A name, and the protocol that whoever has it understands.
 *
 * @since 0.1.0
 */
export interface Name<P extends Rpc.Any> {
  readonly name: string
  readonly protocol: RpcGroup.RpcGroup<P>
}

/**
 * Another living actor has the name.
 *
 * @since 0.1.0
 */
export class NameTaken extends Data.TaggedError("NameTaken")<{
  readonly name: string
  /** The path of the actor that has it. */
  readonly by: string
}> {
  override get message(): string {
    return `${this.by} is called "${this.name}" already: take another name, or stop that actor first`
  }
}

/**
 * Defect: the actor of this name does not understand the protocol that it was looked up with.
 *
 * @since 0.1.0
 */
export class OtherProtocol extends Data.TaggedError("OtherProtocol")<{
  readonly name: string
  /** The path of the actor that has it. */
  readonly by: string
}> {
  override get message(): string {
    return `${this.by}, which is called "${this.name}", understands other messages: use one Name for it everywhere`
  }
}

/**
 * The names of one program. It holds no more of them than there are living actors that registered.
 *
 * @since 0.1.0
 */
export class Registry extends Context.Service<
  Registry,
  {
    /**
     * Gives a name to an actor, until it is gone or `unregister` takes the name back. It keeps it
     * across crashes. Without effect if it has it already; it may have several names.
     */
    readonly register: <P extends Rpc.Any>(
      name: Name<P>,
      ref: ActorRef<P>
    ) => Effect.Effect<void, NameTaken | ActorStopped>
    /** Takes a name from an actor. False if it has not got it. */
    readonly unregister: <P extends Rpc.Any>(
      name: Name<P>,
      ref: ActorRef<P>
    ) => Effect.Effect<boolean>
    /** Who has the name now. Dies with `OtherProtocol` where that does not understand the protocol. */
    readonly find: <P extends Rpc.Any>(name: Name<P>) => Effect.Effect<Option.Option<ActorRef<P>>>
    /** All names that are taken, in the order in which they were. */
    readonly names: Effect.Effect<ReadonlyArray<string>>
  }
>()("@fibra/actors/Registry") {}

/**
 * A name for actors that understand the protocol.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Clerk = RpcGroup.make(Rpc.make("Hello", { success: Schema.String }))
 * const clerk = Behavior.make(Clerk, () => Effect.succeed(0), {
 *   Hello: (_, state) => Effect.succeed(["hello", state] as const)
 * })
 * const Desk = Registry.name("desk", Clerk)
 * const program = Effect.gen(function*() {
 *   const { find, register } = yield* Registry.Registry
 *   yield* register(Desk, yield* Actor.spawn(clerk))
 *   return yield* Option.getOrThrow(yield* find(Desk)).ask("Hello")
 * })
 * yield* Effect.provide(program, [ActorSystem.layer, Registry.layer]) // => "hello"
 * ```
 *
 * @since 0.1.0
 */
export const name = <P extends Rpc.Any>(name: string, protocol: RpcGroup.RpcGroup<P>): Name<P> => ({
  name,
  protocol
})

/**
 * A registry without names.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Registry> = Layer.effect(
  Registry,
  Effect.sync(() => {
    // Invariant: what is in `holders` is not gone; an actor leaves within the step that ends it.
    const holders = new Map<string, Holder>()

    return {
      register: ({ name }, ref) =>
        Effect.suspend((): Effect.Effect<void, NameTaken | ActorStopped> => {
          const holder = holders.get(name)
          if (holder !== undefined) {
            if (cellOf(holder.ref) === cellOf(ref)) return Effect.void
            return Effect.fail(new NameTaken({ name, by: holder.ref.path }))
          }
          const cell = cellOf(ref)
          if (cell === undefined || cell.status === "stopped") {
            return Effect.fail(new ActorStopped({ actor: ref.path, reason: "stopped" }))
          }
          const forget = observe(cell, () => holders.delete(name))
          holders.set(name, { ref, forget })
          return Effect.void
        }),
      unregister: ({ name }, ref) =>
        Effect.sync(() => {
          const holder = holders.get(name)
          if (holder === undefined || cellOf(holder.ref) !== cellOf(ref)) return false
          holder.forget()
          return holders.delete(name)
        }),
      find: ({ name, protocol }) =>
        Effect.suspend(() => {
          const holder = holders.get(name)
          if (holder === undefined) return Effect.succeedNone
          if (isRef(protocol)(holder.ref)) return Effect.succeedSome(holder.ref)
          return Effect.die(new OtherProtocol({ name, by: holder.ref.path }))
        }),
      names: Effect.sync(() => [...holders.keys()])
    }
  })
)

interface Holder {
  readonly ref: { readonly path: string }
  /** Ends the watch on it. */
  readonly forget: () => void
}

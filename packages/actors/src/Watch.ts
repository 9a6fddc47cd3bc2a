/**
 * Being told when an actor is gone, from outside of actors; and dying with it.
 *
 * An actor that watches another one uses `context.watch`, which tells it by a message.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import type { ActorRef } from "./ActorRef.ts"
import type { Down } from "./Down.ts"
import { requestCrash } from "./internal/lifecycle.ts"
import { cellOf } from "./internal/localRef.ts"
import { observe } from "./internal/watches.ts"

/**
 * Why an actor crashed that was linked to one which is gone.
 *
 * @since 0.1.0
 */
export class LinkedActorDown extends Data.TaggedError("LinkedActorDown")<{
  readonly down: Down
}> {
  override get message(): string {
    return `${this.down.path}, to which this actor is linked, is gone: ${this.down.reason._tag}`
  }
}

/**
 * Waits until an actor is gone for ever, and tells why; at once, with `NotFound`, if it is already.
 *
 * An actor that crashes and is started again is not gone. Interrupting the wait ends the watch.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Nothing = RpcGroup.make(Rpc.make("Nothing"))
 * const idler = Behavior.make(Nothing, () => Effect.succeed(0), {
 *   Nothing: (_, state) => Effect.succeed([undefined, state] as const)
 * })
 * const program = Effect.gen(function*() {
 *   const ref = yield* Actor.spawn(idler)
 *   const down = yield* Effect.forkChild(Watch.awaitDown(ref), { startImmediately: true })
 *   yield* Actor.stop(ref)
 *   return (yield* Fiber.join(down)).reason
 * })
 * yield* Effect.provide(program, ActorSystem.layer) // => { _tag: "Stopped" }
 * ```
 *
 * @since 0.1.0
 */
export const awaitDown = <P extends Rpc.Any>(ref: ActorRef<P>): Effect.Effect<Down> =>
  Effect.callback((resume) => {
    const cell = cellOf(ref)
    if (cell === undefined) return resume(Effect.succeed(notFound(ref)))
    const end = observe(cell, (down) =>
      cell.system.turns.schedule(() => resume(Effect.succeed(down)))
    )
    return Effect.sync(end)
  })

/**
 * Makes the actor `self` crash, after its current message, with `LinkedActorDown` when `other` is gone
 * for ever without having stopped in good order; at once if it is gone already.
 *
 * The link lasts as long as the Scope, which in `init` and in handlers is that of the incarnation. It
 * is in one direction: for both, each links the other.
 *
 * @since 0.1.0
 */
export const link = <P extends Rpc.Any, P2 extends Rpc.Any>(
  self: ActorRef<P>,
  other: ActorRef<P2>
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.suspend(() => {
    const [cell, target] = [cellOf(self), cellOf(other)]
    if (cell === undefined) return Effect.void
    const isDown = (down: Down) => {
      if (down.reason._tag === "Stopped") return
      requestCrash(cell, Cause.die(new LinkedActorDown({ down })))
    }
    if (target === undefined) return Effect.sync(() => isDown(notFound(other)))
    const end = observe(target, isDown)
    return Effect.addFinalizer(() => Effect.sync(end))
  })

/** What is no address of an actor here cannot be watched: it is gone. */
const notFound = ({ id, path }: { readonly id: number; readonly path: string }): Down => ({
  path,
  id,
  reason: { _tag: "NotFound" }
})

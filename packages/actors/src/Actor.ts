/**
 * Starts and stops actors.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Scope from "effect/Scope"
import type { Options } from "./ActorOptions.ts"
import type { ActorRef } from "./ActorRef.ts"
import { ActorSystem } from "./ActorSystem.ts"
import type { Behavior } from "./Behavior.ts"
import * as Addresses from "./internal/addresses.ts"
import type { Cell } from "./internal/cell.ts"
import { CurrentFrame, cycle } from "./internal/frames.ts"
import { requestKill, requestStop, whenEnded } from "./internal/lifecycle.ts"
import { cellOf } from "./internal/localRef.ts"
import { spawn as spawnIn } from "./internal/spawning.ts"

/**
 * Starts an actor that lives as long as the Scope; returns when its `init` is done, and fails as
 * `init` does.
 *
 * Nobody supervises it: once it has crashed it is gone, and the cause is logged. When the Scope closes,
 * the actor ends the message that it handles, for as long as `shutdown` says, and refuses the others.
 * Interrupting a spawn ends what `init` had begun. Dies with `InvalidOption` where an option is wrong.
 *
 * @since 0.1.0
 */
export const spawn = <P extends Rpc.Any, E, R>(
  behavior: Behavior<P, E, R>,
  options?: Options
): Effect.Effect<ActorRef<P>, E, R | Scope.Scope | ActorSystem> =>
  Effect.flatMap(ActorSystem, (system) =>
    Effect.flatMap(Scope.Scope, (scope) =>
      spawnIn(system, system.ownerOf(scope), scope, behavior, options)
    )
  )

/**
 * Has an actor stop after the message that it handles now, and waits until it has released all that it
 * had acquired. Then it is gone, unless a supervisor starts it again.
 *
 * Interrupting it gives up waiting, and the actor stops all the same. Whom the actor itself waits for
 * does not wait for it: an actor that stops itself, or that an ask of its own stops, ends afterwards.
 *
 * @since 0.1.0
 */
export const stop = <P extends Rpc.Any>(ref: ActorRef<P>): Effect.Effect<void> =>
  end(ref, requestStop)

/**
 * Interrupts what an actor does now, and stops it; otherwise as `stop`.
 *
 * @since 0.1.0
 */
export const kill = <P extends Rpc.Any>(ref: ActorRef<P>): Effect.Effect<void> =>
  end(ref, requestKill)

const end = (ref: unknown, request: (cell: Cell) => void): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const frame = fiber.getRef(CurrentFrame)
    return Effect.callback((resume) => {
      const cell = cellOf(ref)
      if (cell === undefined || cell.status === "stopped" || cell.status === "restarting") {
        return resume(Effect.void)
      }
      // A kill may end the incarnation within its call.
      if (cycle(cell, frame) === undefined) whenEnded(cell, false, () => resume(Effect.void))
      else resume(Effect.void)
      request(cell)
    })
  })

/**
 * The schema of the addresses of actors that understand a protocol, for messages that carry them.
 *
 * Encoded, an address is its path and its id. Decoding one whose actor is gone gives the address of
 * an actor that has stopped; one whose actor does not understand the protocol fails.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Pong = RpcGroup.make(Rpc.make("Pong"))
 * const Ping = RpcGroup.make(Rpc.make("Ping", { payload: { from: Actor.refSchema(Pong) } }))
 * const tags = Array.from(Ping.requests.keys())
 * tags // => ["Ping"]
 * ```
 *
 * @since 0.1.0
 */
export const refSchema = <P extends Rpc.Any>(
  protocol: RpcGroup.RpcGroup<P>
): Schema.Codec<ActorRef<P>, string, ActorSystem> =>
  Schema.String.pipe(
    Schema.decodeTo(
      Schema.declare(Addresses.isRef(protocol), { expected: "an address" }),
      SchemaTransformation.transformEffect({
        decode: (text: string) =>
          Effect.flatMap(ActorSystem, (system) => Addresses.parse(system, text, protocol)),
        encode: (ref: ActorRef<P>) => Effect.succeed(Addresses.format(ref))
      })
    )
  )

/**
 * Starts and stops actors.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import * as Scope from "effect/Scope"
import type { Options } from "./ActorContext.ts"
import type { ActorRef } from "./ActorRef.ts"
import { ActorSystem } from "./ActorSystem.ts"
import type { Behavior } from "./Behavior.ts"
import { spawn as spawnIn } from "./internal/spawning.ts"

/**
 * Starts an actor that lives as long as the Scope; returns when its `init` is done, and fails as
 * `init` does.
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

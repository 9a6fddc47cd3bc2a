/**
 * Starts and stops actors.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import * as Scope from "effect/Scope"
import type { ActorRef } from "./ActorRef.ts"
import { ActorSystem } from "./ActorSystem.ts"
import type { Behavior } from "./Behavior.ts"
import * as Cells from "./internal/cells.ts"
import type { Overflow, Parent } from "./internal/cell.ts"
import * as Lifecycle from "./internal/lifecycle.ts"
import { refOf } from "./internal/localRef.ts"

/**
 * How one actor is made.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Its name in paths. Default: the number of the actor. */
  readonly name?: string | undefined
  readonly mailbox?:
    | {
        /** Messages that may wait. Default: 10,000. */
        readonly capacity?: number | undefined
        /** What happens to one more. Default: `"suspend"`, its sender waits. */
        readonly overflow?: Overflow | undefined
      }
    | undefined
  /** How long a stop waits for the current message before it is interrupted. Default: 5 seconds. */
  readonly shutdown?: Duration.Input | undefined
}

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
  Effect.gen(function* () {
    const system = yield* ActorSystem
    const scope = yield* Scope.Scope
    const services = yield* Effect.context<never>()
    const cell = Cells.make(system, root, behavior, services, options)
    yield* Scope.addFinalizer(
      scope,
      Effect.suspend(() =>
        Effect.andThen(
          Lifecycle.halt(cell, cell.settings.shutdown),
          Effect.sync(() => Lifecycle.terminate(cell, { _tag: "Stopped" }))
        )
      )
    )
    const exit = yield* Lifecycle.start(cell)
    if (Exit.isFailure(exit)) {
      Lifecycle.terminate(cell, { _tag: "Crashed", cause: exit.cause })
      return yield* exit as Exit.Exit<never, E>
    }
    return refOf(cell) as unknown as ActorRef<P>
  })

const root: Parent = {
  path: "",
  childExited: Lifecycle.terminate
}

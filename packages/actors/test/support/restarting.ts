/** A parent that starts its child again after a crash, at most so often: what a supervisor does. */
import { Effect, Exit, Scope } from "effect"
import type { Rpc } from "effect/rpc"
import { ActorSystem, type ActorOptions, type ActorRef, type Behavior } from "@fibra/actors"
import type { Cell } from "../../src/internal/cell.ts"
import * as Lifecycle from "../../src/internal/lifecycle.ts"
import { refOf } from "../../src/internal/localRef.ts"
import * as Spawning from "../../src/internal/spawning.ts"

export const spawnRestarting = <P extends Rpc.Any, E, R>(
  behavior: Behavior.Behavior<P, E, R>,
  restartsMax: number,
  options?: ActorOptions.Options
): Effect.Effect<
  { readonly ref: ActorRef.ActorRef<P>; readonly cell: Cell },
  never,
  R | Scope.Scope | ActorSystem.ActorSystem
> =>
  Effect.gen(function* () {
    const system = yield* ActorSystem.ActorSystem
    const scope = yield* Scope.Scope
    const context = yield* Effect.context<never>()
    let restarts = 0
    const restart = (child: Cell): Effect.Effect<void> =>
      Effect.gen(function* () {
        yield* Effect.sleep("10 millis")
        if (child.status !== "restarting") return
        const exit = yield* Lifecycle.start(child)
        if (Exit.isFailure(exit)) Lifecycle.terminate(child, { _tag: "Crashed", cause: exit.cause })
      })
    const cell = Spawning.makeCell(
      system,
      {
        path: "",
        childExited: (child, reason) => {
          if (reason._tag !== "Crashed" || restarts === restartsMax) {
            return Lifecycle.terminate(child, reason)
          }
          restarts++
          Effect.runForkWith(context)(
            Effect.forkIn(restart(child), scope, { startImmediately: true })
          )
        }
      },
      behavior,
      context,
      Spawning.settings(options)
    )
    yield* Effect.addFinalizer(() => Spawning.stop(cell))
    yield* Lifecycle.start(cell)
    return { ref: refOf<P>(cell), cell }
  })

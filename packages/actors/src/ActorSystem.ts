/**
 * What the actors of one program share: turns, time, dead letters.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type DeadLetter, DeadLetters } from "./DeadLetters.ts"
import type { System } from "./internal/cell.ts"
import * as Systems from "./internal/system.ts"

/**
 * The system that actors are spawned in.
 *
 * @since 0.1.0
 */
export class ActorSystem extends Context.Service<ActorSystem, System>()(
  "@fibra/actors/ActorSystem"
) {}

/**
 * A system of its own, with its dead letters.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<ActorSystem | DeadLetters> = Layer.effectContext(
  Effect.gen(function* () {
    const letters: Array<DeadLetter> = []
    const system = yield* Systems.make((_, letter) => {
      letters.push(letter)
    })
    yield* Effect.addFinalizer(() => Systems.close(system))
    return Context.make(ActorSystem, system).pipe(
      Context.add(DeadLetters, { all: Effect.sync(() => letters.slice()) })
    )
  })
)

/**
 * Stops all actors of the system, in the reverse order of their start. Closing its layer does so too.
 *
 * @since 0.1.0
 */
export const close: Effect.Effect<void, never, ActorSystem> = Effect.flatMap(
  ActorSystem,
  Systems.close
)

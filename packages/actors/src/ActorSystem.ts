/**
 * What the actors of one program share: turns, time, dead letters.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"
import { type DeadLetter, DeadLetters } from "./DeadLetters.ts"
import { pathOf, type System } from "./internal/cell.ts"
import { turn } from "./internal/drain.ts"
import * as Turns from "./internal/turns.ts"

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
  Effect.withFiberSucceed((fiber) => {
    const letters: Array<DeadLetter> = []
    const clock = fiber.getRef(Clock.Clock)
    const system: System = {
      context: fiber.context,
      clock,
      turns: Turns.make(fiber.getRef(Scheduler.Scheduler), clock),
      cells: new Map(),
      buckets: new Map(),
      turn,
      deadLetter: (cell, { payload, tag }, reason, cause) => {
        letters.push({ actor: pathOf(cell), tag, payload, reason, cause })
      },
      lastId: 0
    }
    return Context.make(ActorSystem, system).pipe(
      Context.add(DeadLetters, { all: Effect.sync(() => letters.slice()) })
    )
  })
)

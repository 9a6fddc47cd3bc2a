/** What all cells of one system share, and its end. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import * as Stepwise from "@fibra/tasks/Stepwise"
import type { Parent, System } from "./cell.ts"
import { turn } from "./drain.ts"
import * as Expiries from "./expiries.ts"
import * as Life from "./life.ts"
import { forget, stop } from "./spawning.ts"
import * as Turns from "./turns.ts"

export const make = (deadLetter: System["deadLetter"]): Effect.Effect<System> =>
  Effect.withFiberSucceed((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const owners = new WeakMap<Scope.Scope, Parent>()
    return {
      context: fiber.context,
      turns: Turns.make(fiber.getRef(Scheduler.Scheduler), clock, fiber.getRef(Stepwise.Stepwise)),
      expiries: Expiries.make(clock, fiber.context),
      cells: new Map(),
      supervisors: new Set(),
      deadLetter,
      turn,
      makeLife: Life.make,
      ownerOf: (scope) => {
        const known = owners.get(scope)
        if (known !== undefined) return known
        const owner: Parent = {
          path: "",
          childExited: (child, reason) => forget(scope, child, reason)
        }
        owners.set(scope, owner)
        return owner
      },
      lastId: 0,
      startsInside: 0,
      isClosed: false,
      offered: 0,
      handled: 0,
      rejected: 0,
      deadLettered: 0
    }
  })

/** Stops all supervisors and then all cells that are left, the last one first. */
export const stopAll = (system: System): Effect.Effect<void> =>
  Effect.suspend(() => {
    const supervisors = Array.from(system.supervisors).toReversed()
    const stopCells = Effect.suspend(() =>
      Effect.forEach(Array.from(system.cells.values()).toReversed(), stop, { discard: true })
    )
    return Effect.andThen(
      Effect.forEach(supervisors, (halt) => halt, { discard: true }),
      stopCells
    )
  })

/** The same for ever: time has stopped for this system, and nothing starts in it any more. */
export const close = (system: System): Effect.Effect<void> =>
  Effect.suspend(() => {
    system.isClosed = true
    return Effect.andThen(stopAll(system), Effect.sync(system.expiries.close))
  })

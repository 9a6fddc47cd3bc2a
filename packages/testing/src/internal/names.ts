/** What reports call a fiber: names that are the same in each run. */
import * as Waits from "@fibra/tasks/Waits"
import type { AnyFiber, Track } from "./tracking.ts"

export const makeNames = (engine: { readonly alive: ReadonlyMap<AnyFiber, Track> }) => {
  const nameOf = (fiber: AnyFiber): string => {
    const given = Waits.taskName(fiber)
    if (given !== `fiber#${fiber.id}`) return given
    const number = engine.alive.get(fiber)?.number
    if (number === 1) return "main"
    return number === undefined ? "a fiber outside" : `fiber ${number}`
  }
  return { nameOf }
}

/** Which handling of which message the running code is a part of: how cycles of asks are seen. */
import * as Context from "effect/Context"
import { type Cell, pathOf } from "./cell.ts"
import type { Frame } from "./requests.ts"

/** The handling that this code is a part of. Fibers that it forks inherit it. */
export const CurrentFrame: Context.Reference<Frame | undefined> = Context.Reference<
  Frame | undefined
>("@fibra/actors/CurrentFrame", { defaultValue: () => undefined })

/**
 * The paths from `cell` back to itself, when what would ask it is what it waits for: then it could
 * never answer.
 */
export const cycle = (cell: Cell, asker: Frame | undefined): ReadonlyArray<string> | undefined => {
  if (asker === undefined) return undefined
  const path: Array<Cell> = [cell]
  for (
    let frame: Frame | undefined = asker;
    frame !== undefined && frame.active;
    frame = frame.outer
  ) {
    path.push(frame.cell)
    if (frame.cell === cell) return path.toReversed().map(pathOf)
    if (frame.request?.over === true) return undefined
  }
  return undefined
}

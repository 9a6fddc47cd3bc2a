/** What can reach no caller is logged: each crash, and other things once for each actor. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { type Cell, more, pathOf } from "./cell.ts"

/** Logs at `References.UnhandledLogLevel`, which is `"Error"` by default. */
export const report = (
  context: Context.Context<never>,
  message: string,
  cause?: Cause.Cause<unknown>
): void => {
  Effect.runForkWith(context)(
    Effect.withFiber((fiber) => {
      const level = fiber.getRef(References.UnhandledLogLevel)
      if (level === undefined) return Effect.void
      const log = Effect.logWithLevel(level)
      return cause === undefined ? log(message) : log(message, cause)
    })
  )
}

/** Logs something about an actor, the first time. */
export const reportOnce = (
  cell: Cell,
  what: string,
  message: string,
  cause?: Cause.Cause<unknown>
): void => {
  const { reported } = more(cell)
  if (reported.has(what)) return
  reported.add(what)
  report(cell.system.context, `${pathOf(cell)} ${message}`, cause)
}

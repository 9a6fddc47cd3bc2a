/** What a program logs, as lines. */
import { Cause, Effect, Logger } from "effect"

/** A logger that adds a line for each entry, and what is to provide to have it used alone. */
export const logged = () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ cause, logLevel, message }) => {
    const text = Array.isArray(message) ? message.join(" ") : String(message)
    const defect = cause.reasons.length === 0 ? "" : `: ${String(Cause.squash(cause))}`
    lines.push(`${logLevel} ${text}${defect}`)
  })
  const provide = <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.provideService(self, Logger.CurrentLoggers, new Set([logger]))
  return { lines, provide }
}

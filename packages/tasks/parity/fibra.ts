/** Runs scenarios on Fibra. */
import { Cause, Console, Effect, Logger } from "effect"
import { errorsOf } from "./outcome.ts"
import type { Rule } from "./rules.ts"
import type { Trace } from "./traces.ts"

/** What the TypeScript program of a rule prints; a crash or a hang is part of it. */
export const trace = async (rule: Rule): Promise<Trace> => {
  const { main } = await rule.scenario()
  const lines: Array<string> = []
  const log = (...words: ReadonlyArray<unknown>) => void lines.push(words.join(" "))
  await main.pipe(
    Effect.timeout("20 seconds"),
    Effect.catchCause((cause: Cause.Cause<unknown>) =>
      Effect.sync(() => log("crash:", ...errorsOf(cause)))
    ),
    Effect.provideService(Console.Console, Object.assign(Object.create(console), { log })),
    // What goes to the log is no part of a trace.
    Effect.provideService(Logger.CurrentLoggers, new Set()),
    Effect.runPromise
  )
  return lines
}

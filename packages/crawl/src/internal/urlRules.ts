/** Keeps a job from knowing one page by two keys. */
import * as Effect from "effect/Effect"
import { defaults, type Options } from "../CanonicalUrl.ts"
import { failedIn, type Job, JobFailed } from "../Job.ts"
import { urlsName } from "./store.ts"

/** Only these choose the key; a bound on lengths may change. */
const choosing = ["dropTracking", "dropSessions", "sortQuery"] as const

const textOf = (rules: Options): string =>
  choosing.map((name) => `${name} ${rules[name] ?? defaults[name]}`).join(", ")

/** Notes the rules of a job that is new, and fails when it has others. */
export const claimUrlRules = (
  { directory, store }: Job,
  rules: Options
): Effect.Effect<void, JobFailed> =>
  Effect.try({
    try: () => {
      const saved = store.value(urlsName)
      if (saved === undefined) return store.setValue(urlsName, JSON.stringify(rules))
      const known = textOf(JSON.parse(saved) as Options)
      if (known === textOf(rules)) return undefined
      throw new JobFailed({
        directory: directory ?? "in memory",
        reason: `it tells URLs apart by ${known}, and not by ${textOf(rules)}; give another directory`
      })
    },
    catch: (cause) => (cause instanceof JobFailed ? cause : failedIn(directory, cause))
  })

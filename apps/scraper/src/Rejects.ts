/** Where rows go that do not fit: a file of their own, or the first few of them to stderr. */
import * as Program from "@fibra/cli/Program"
import * as AtomicFile from "@fibra/files/AtomicFile"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Screen from "./Screen.ts"

interface Reject {
  readonly file: string
  readonly cause: string
  readonly fields: unknown
}

interface Rejects {
  readonly add: (reject: Reject) => Effect.Effect<void, Program.Stopped>
  /** Publishes the file, or tells how many were not shown. */
  readonly finish: Effect.Effect<void, Program.Stopped>
  readonly count: () => number
}

const shownMax = 10

export const open = Effect.fnUntraced(function* (path: Option.Option<string>) {
  let count = 0
  const rest = Effect.suspend(() =>
    count > shownMax
      ? Screen.say(`and ${count - shownMax} more; --rejects FILE keeps them all`)
      : Effect.void
  )
  if (Option.isNone(path)) {
    return {
      count: () => count,
      add: ({ cause, file }) =>
        Effect.suspend(() => {
          count += 1
          return count > shownMax ? Effect.void : Screen.say(`rejected: ${file}: ${cause}`)
        }),
      finish: rest
    } satisfies Rejects as Rejects
  }
  const failed = ({ message }: AtomicFile.WriteFailed) =>
    new Program.Stopped({ exitCode: 3, reason: message })
  const file = yield* Effect.mapError(AtomicFile.open(path.value), failed)
  return {
    count: () => count,
    add: (reject) =>
      Effect.suspend(() => {
        count += 1
        const line = encoder.encode(`${JSON.stringify(reject)}\n`)
        return Effect.mapError(file.write(line), failed)
      }),
    finish: Effect.mapError(file.publish, failed)
  } satisfies Rejects as Rejects
})

const encoder = new TextEncoder()

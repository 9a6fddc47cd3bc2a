/** Rows to stdout, as fast as its reader takes them. */
import type { Format } from "@fibra/files"
import { Effect } from "effect"
import { none } from "./Kept.ts"
import type { Output, Refuse } from "./Output.ts"
import * as Stdout from "./Stdout.ts"
import type { TextRow } from "./TextRow.ts"

export const make = (format: Format.Format<TextRow>, refuse: Refuse): Output => {
  const written = { rows: 0, bytes: 0 }
  let isPublished = false
  let failure: Stdout.StdoutFailed | undefined
  let text = format.header === undefined ? "" : `${format.header}\n`

  const send = (rows: number) =>
    Effect.suspend(() => {
      if (text === "") return Effect.void
      const sent = text
      text = ""
      return Effect.matchEffect(Stdout.write(sent), {
        onSuccess: () =>
          Effect.sync(() => {
            written.rows += rows
            written.bytes += Buffer.byteLength(sent)
          }),
        // The program interrupts this run, and knows the exit code.
        onFailure: (error) => {
          failure = error
          return Effect.never
        }
      })
    })

  return {
    linesDone: 0,
    write: Effect.fnUntraced(function* (rows) {
      let count = 0
      for (const row of rows) {
        const encoded = format.encode(row)
        if (encoded._tag === "Failure") {
          yield* refuse(row, encoded.failure)
        } else {
          text += `${String(encoded.success)}\n`
          count++
        }
      }
      yield* send(count)
    }),
    finish: () =>
      Effect.andThen(
        send(0),
        Effect.sync(() => {
          isPublished = true
        })
      ),
    progress: Effect.sync(() => ({
      rows: written.rows,
      commits: 0,
      buffered: 0,
      file: "stdout"
    })),
    kept: Effect.sync(() => ({ ...none, ...written, isPublished, where: "stdout", failure }))
  }
}

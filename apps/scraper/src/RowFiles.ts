/** The files of a rotated output: `rows.000001.jsonl` and so on, beside where `rows.jsonl` would be. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"

/** As `FileSink` names them: the number stands before the first dot of the extension. */
export const nameOf = (base: string, number: number): string => {
  const [stem, extension] = partsOf(base)
  return `${stem}.${String(number).padStart(6, "0")}${extension}`
}

/** Those that are there, in the order in which they were written. */
export const list = Effect.fnUntraced(function* (output: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const [directory, base] = [paths.dirname(output), paths.basename(output)]
  const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
  return names
    .flatMap((name) => {
      const number = numberIn(base, name)
      return number === undefined ? [] : [{ number, name, path: paths.join(directory, name) }]
    })
    .toSorted((a, b) => a.number - b.number)
})

const numberIn = (base: string, name: string): number | undefined => {
  const [stem, extension] = partsOf(base)
  if (!name.startsWith(`${stem}.`) || !name.endsWith(extension)) return undefined
  const digits = name.slice(stem.length + 1, name.length - extension.length)
  return /^\d{6,}$/.test(digits) ? Number(digits) : undefined
}

const partsOf = (base: string): readonly [stem: string, extension: string] => {
  const dot = base.indexOf(".", 1)
  return dot === -1 ? [base, ""] : [base.slice(0, dot), base.slice(dot)]
}

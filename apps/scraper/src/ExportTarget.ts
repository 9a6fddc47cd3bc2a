/** `-o FILE[:FORMAT]`: where an export goes, and as what. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { usage } from "./CrawlFlags.ts"

const formats = ["jsonl", "csv", "parquet", "sqlite"] as const
export type Format = (typeof formats)[number]

export interface Target {
  /** `-` is stdout. */
  readonly path: string
  readonly format: Format
}

const byExtension: Record<string, Format> = {
  jsonl: "jsonl",
  ndjson: "jsonl",
  csv: "csv",
  parquet: "parquet",
  sqlite: "sqlite",
  sqlite3: "sqlite",
  db: "sqlite"
}

export const parse = Effect.fnUntraced(function* (text: string) {
  const [, path = text, named] = /^(.+):(\w+)$/s.exec(text) ?? []
  const isFormat = (name: string | undefined): name is Format => formats.some((one) => one === name)
  const target = isFormat(named) ? { path, format: named } : { path: text, format: formatOf(text) }
  const isStdout = target.path === "-" || target.path === "/dev/stdout"
  const format = target.format ?? (isStdout ? "jsonl" : undefined)
  if (format === undefined) {
    return yield* usage(`-o ${text} does not say its format; write -o ${text}:${formats.join("|")}`)
  }
  if (isStdout && (format === "parquet" || format === "sqlite")) {
    return yield* usage(`${format} cannot be written to stdout; name a file`)
  }
  return { path: isStdout ? "-" : target.path, format } satisfies Target as Target
})

const formatOf = (path: string): Format | undefined =>
  byExtension[/\.(\w+)$/.exec(path)?.[1]!.toLowerCase() ?? ""]

/** Refuses a target whose file is needed: the job itself, and what its crawl writes. */
export const refuseOwnFiles = Effect.fnUntraced(function* (
  { path }: Target,
  directory: string,
  written: ReadonlyArray<string>
) {
  if (path === "-") return
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const real = (path: string) => Effect.orElseSucceed(fs.realPath(path), () => paths.resolve(path))
  const target = yield* real(path)
  for (const own of written) {
    if (target !== (yield* real(own))) continue
    return yield* usage(`-o ${path} is the file that the crawl writes; name another`)
  }
  const parent = `${yield* real(paths.dirname(target))}/`
  if (parent.startsWith(`${yield* real(directory)}/`)) {
    return yield* usage(`-o ${path} is in the directory of the job; name a file elsewhere`)
  }
})

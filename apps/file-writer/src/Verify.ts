/** One run of `file-writer verify`: is each file whole, and what the manifest says? */
import { Program } from "@fibra/cli"
import { Manifest, Records } from "@fibra/files"
import { Effect, FileSystem, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { dirname, join } from "node:path"
import * as FileFlags from "./FileFlags.ts"
import * as Screen from "./Screen.ts"
import * as Stdout from "./Stdout.ts"
import { asText, fieldOf, textOf } from "./TextRow.ts"

export interface Options extends FileFlags.Written {
  readonly path: string
  readonly key: Option.Option<string>
}

/** What was found in one file. */
interface Found {
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  /** What is wrong with it; empty when nothing is. */
  readonly problems: ReadonlyArray<string>
}

/** Problems of one kind that are told one by one. */
const shownMax = 10

export const verify = Effect.fnUntraced(function* (options: Options, inJson: boolean) {
  const check = isManifest(options.path) ? checkManifest(options) : checkOne(options)
  const found = yield* Effect.mapError(
    check,
    ({ message }) => new Program.Stopped({ exitCode: 3, reason: message })
  )
  const bad = found.filter(({ problems }) => problems.length > 0).length
  if (inJson) {
    yield* Effect.ignore(Stdout.write(`${JSON.stringify({ ok: bad === 0, files: found })}\n`))
  } else {
    yield* tell(found)
  }
  if (bad === 0) return
  const reason = `not as it should be: ${bad} of ${count(found.length, "file")}`
  return yield* new Program.Stopped({ exitCode: 9, reason })
})

const tell = Effect.fnUntraced(function* (found: ReadonlyArray<Found>) {
  const screen = Screen.make()
  for (const { bytes, path, problems, rows, sha256 } of found) {
    if (sha256 !== "") {
      yield* screen.line(`${path}: ${count(rows, "row")}, ${bytes} bytes, sha256 ${sha256}`)
    }
    for (const problem of problems) yield* screen.line(`${path}: ${problem}`)
  }
  if (found.some(({ problems }) => problems.length > 0)) return
  const rows = found.reduce((sum, { rows }) => sum + rows, 0)
  yield* screen.line(`ok: ${count(found.length, "file")}, ${count(rows, "row")}`)
})

const count = (number: number, thing: string) => `${number} ${thing}${number === 1 ? "" : "s"}`

const isManifest = (path: string) => path.endsWith(Manifest.pathOf(""))

/** All that is in the file. */
const checkOne = Effect.fnUntraced(function* (options: Options) {
  const size = yield* sizeOf(options.path)
  const { end, problems, rows } = yield* readRows(options, options.path)
  const sha256 = yield* hash(options.path, size)
  const torn = size === end ? [] : [`${size - end} bytes at its end are no whole record`]
  return [{ path: options.path, rows, bytes: size, sha256, problems: [...problems, ...torn] }]
})

/** What the manifest says of each file. */
const checkManifest = Effect.fnUntraced(function* (options: Options) {
  // One that is not there lists nothing, which would be well.
  yield* sizeOf(options.path)
  const entries = yield* Manifest.read(options.path)
  const directory = dirname(options.path)
  const found: Array<Found> = []
  for (const entry of entries.values()) {
    if (entry.removed === true) continue
    found.push(yield* checkEntry(options, join(directory, entry.file), entry))
  }
  return found
})

const checkEntry = Effect.fnUntraced(function* (
  options: Options,
  path: string,
  entry: Manifest.Entry
) {
  const fs = yield* FileSystem.FileSystem
  const nothing = { path, rows: 0, bytes: 0, sha256: "" }
  if (!(yield* fs.exists(path))) return { ...nothing, problems: ["it is not there"] }
  const size = yield* sizeOf(path)
  const sha256 = yield* hash(path, Math.min(size, entry.bytes))
  const differs = (what: string, listed: unknown, is: unknown) =>
    listed === is ? [] : [`${what} should be ${listed} and is ${is}`]
  const hashed = differs("its sha256", entry.sha256, sha256)
  const found = { path, rows: entry.rows, bytes: entry.bytes, sha256 }
  // What came after the manifest is not in it yet: the hash says that the rest is as it was.
  if (size > entry.bytes) return { ...found, problems: hashed }
  const { problems, rows } = yield* readRows(options, path)
  return {
    ...found,
    rows,
    problems: [
      ...problems,
      ...differs("its length", entry.bytes, size),
      ...differs("its number of rows", entry.rows, rows),
      ...hashed
    ]
  }
})

const sizeOf = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { size } = yield* Effect.mapError(
    fs.stat(path),
    (cause) => new Records.ReadFailed({ path, cause })
  )
  return Number(size)
})

/** Goes through the records of a file. */
const readRows = Effect.fnUntraced(function* (options: Options, path: string) {
  const seen = new Set<string>()
  const malformed: Array<string> = []
  const twice: Array<string> = []
  let [rows, end] = [0, 0]
  const look = (record: string) => {
    rows++
    if (options.format === "jsonl" && asText.decode(record)?.value === undefined) {
      malformed.push(`record ${rows} is not JSON`)
    }
    const key = keyOf(options, record)
    if (key === undefined) return
    if (seen.has(key)) twice.push(`record ${rows} has the key ${key} again`)
    seen.add(key)
  }
  yield* Records.batches({ ...FileFlags.reading(options), path }).pipe(
    Stream.runForEach((batch) =>
      Effect.sync(() => {
        end = batch.end
        batch.records.forEach(look)
      })
    )
  )
  return { rows, end, problems: [...shown(malformed), ...shown(twice)] }
})

const shown = (problems: ReadonlyArray<string>): ReadonlyArray<string> =>
  problems.length <= shownMax
    ? problems
    : [...problems.slice(0, shownMax), `and ${problems.length - shownMax} more of this kind`]

const keyOf = ({ format, key }: Options, record: string): string | undefined => {
  if (Option.isNone(key) || format !== "jsonl") return undefined
  return textOf(fieldOf(asText.decode(record)?.value, key.value))
}

const hash = Effect.fnUntraced(function* (path: string, bytes: number) {
  const fs = yield* FileSystem.FileSystem
  const hash = createHash("sha256")
  if (bytes > 0) {
    yield* Stream.runForEach(fs.stream(path, { bytesToRead: bytes }), (chunk) =>
      Effect.sync(() => hash.update(chunk))
    )
  }
  return hash.digest("hex")
})

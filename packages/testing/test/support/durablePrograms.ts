/** Programs that keep something on a disk, right and wrong. */
import { Effect, FileSystem } from "effect"
import type { SimFileSystem } from "@fibra/testing"

type Acknowledge<Ack> = SimFileSystem.Acknowledge<Ack>

const fileSystem = FileSystem.FileSystem
const encode = (text: string) => new TextEncoder().encode(text)

const syncDirectory = (path: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* fileSystem
      const directory = yield* fs.open(path)
      yield* directory.sync
    })
  )

/** What a careful or a careless program leaves out. */
export interface Care {
  readonly syncsFile: boolean
  readonly syncsDirectory: boolean
}

/** Replaces the configuration in one step: temporary file, rename. Acknowledges each version. */
export const publish = (care: Care, versions: number) => (acknowledge: Acknowledge<number>) =>
  Effect.gen(function* () {
    const fs = yield* fileSystem
    for (let version = 1; version <= versions; version++) {
      yield* Effect.scoped(
        Effect.gen(function* () {
          const file = yield* fs.open("/data/config.tmp", { flag: "w" })
          yield* file.writeAll(encode(contentOf(version)))
          if (care.syncsFile) yield* file.sync
        })
      )
      yield* fs.rename("/data/config.tmp", "/data/config")
      if (care.syncsDirectory) yield* syncDirectory("/data")
      yield* acknowledge(version)
    }
  })

/** The configuration is of one version, whole, and of none before the last acknowledged one. */
export const checkPublished = ({
  acknowledged,
  recovered
}: SimFileSystem.Survived<string, number>): Effect.Effect<void, string> => {
  const version = Number(/^version (\d+)/.exec(recovered)?.[1])
  const least = acknowledged.at(-1) ?? 0
  if (recovered !== contentOf(version)) return Effect.fail(`the file is torn`)
  return version < least ? Effect.fail(`version ${least} is lost`) : Effect.void
}

const contentOf = (version: number): string => `version ${version}\n`.padEnd(1_500, `${version}`)

export const readConfig = Effect.flatMap(fileSystem, (fs) => fs.readFileString("/data/config"))

export const setup = Effect.flatMap(fileSystem, (fs) =>
  fs
    .makeDirectory("/data")
    .pipe(Effect.andThen(fs.writeFileString("/data/config", contentOf(0))), Effect.orDie)
)

/** Appends rows of JSON to a log, and acknowledges each: after its sync, if there is one. */
export const appendRows = (syncs: boolean, rows: number) => (acknowledge: Acknowledge<number>) =>
  Effect.gen(function* () {
    const fs = yield* fileSystem
    const file = yield* fs.open("/data/log", { flag: "a" })
    if (syncs) yield* syncDirectory("/data")
    for (let id = 1; id <= rows; id++) {
      yield* file.writeAll(encode(`${JSON.stringify({ id, text: "x".repeat(200) })}\n`))
      if (!syncs) continue
      yield* file.sync
      yield* acknowledge(id)
    }
  })

/** Believes every line of the log. */
export const readRows = Effect.gen(function* () {
  const fs = yield* fileSystem
  if (!(yield* fs.exists("/data/log"))) return []
  const text = yield* fs.readFileString("/data/log")
  const lines = text.split("\n").filter((line) => line !== "")
  return yield* Effect.forEach(lines, (line) =>
    Effect.try({
      try: () => idOf(line),
      catch: () => `a torn row: ${JSON.stringify(line.slice(0, 20))}`
    })
  )
})

/** Keeps the rows before the first that is torn, and cuts the file there. */
export const recoverRows = Effect.gen(function* () {
  const fs = yield* fileSystem
  if (!(yield* fs.exists("/data/log"))) return []
  const text = yield* fs.readFileString("/data/log")
  const ids: Array<number> = []
  let length = 0
  for (const line of text.split("\n").slice(0, -1)) {
    const id = yield* Effect.option(Effect.try(() => idOf(line)))
    if (id._tag === "None") break
    ids.push(id.value)
    length += line.length + 1
  }
  yield* fs.truncate("/data/log", length)
  return ids
})

const idOf = (line: string): number => {
  const row = JSON.parse(line) as { readonly id: number; readonly text: string }
  if (row.text !== "x".repeat(200)) throw new Error("not as written")
  return row.id
}

export const checkRows = ({
  acknowledged,
  recovered
}: SimFileSystem.Survived<ReadonlyArray<number>, number>): Effect.Effect<void, string> => {
  if (recovered.some((id, index) => id !== index + 1)) return Effect.fail("rows are missing")
  return recovered.length < acknowledged.length
    ? Effect.fail("an acknowledged row is lost")
    : Effect.void
}

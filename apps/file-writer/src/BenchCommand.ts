/** `file-writer bench`: how fast this disk takes rows, by the promise that goes with them. */
import { Flags, Program } from "@fibra/cli"
import { FileSink, Format } from "@fibra/files"
import { Clock, Effect, FileSystem } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { once } from "node:events"
import { createWriteStream } from "node:fs"
import { join } from "node:path"
import * as Screen from "./Screen.ts"
import * as Stdout from "./Stdout.ts"

const parameters = {
  directory: Argument.String("dir").pipe(
    Argument.withMetavar("DIR"),
    Argument.withDescription("Where to write; the files are removed (default .)"),
    Argument.withDefault(".")
  ),
  rows: Flags.described(Flags.between("rows", 1, 100_000_000), "Rows to write", 200_000),
  rowBytes: Flags.described(Flags.between("row-bytes", 1, 1_000_000), "Bytes of each", 200),
  json: Flags.described(Flag.Boolean("json"), "One JSON object on stdout instead of lines", false)
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

/** Each commit of one row waits for the disk: fewer of them are enough. */
const alwaysRowsMax = 1000

const ways = [
  ["createWriteStream, no fsync", undefined],
  ["fsync none", "none"],
  ["fsync interval:1s", { interval: "1 second" }],
  ["fsync batch", "batch"],
  ["fsync always", "always"]
] as const

const bench = Effect.fnUntraced(function* ({ directory, json, rowBytes, rows }: Parsed) {
  const fs = yield* FileSystem.FileSystem
  const screen = Screen.make()
  const row = "x".repeat(rowBytes)
  const measured = yield* Effect.gen(function* () {
    const folder = yield* fs.makeTempDirectoryScoped({ directory, prefix: "file-writer-bench-" })
    const path = join(folder, "rows")
    return yield* Effect.forEach(ways, ([way, fsync]) => {
      const count = fsync === "always" ? Math.min(rows, alwaysRowsMax) : rows
      const write =
        fsync === undefined ? byStream(path, row, count) : bySink(path, row, count, fsync)
      return timed(write).pipe(
        Effect.tap(() => fs.remove(path)),
        Effect.map((millis) => ({
          way,
          rows: count,
          millis,
          perSecond: Math.round((count * 1000) / millis)
        }))
      )
    })
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => {
      const { message } = error.cause instanceof Error ? error.cause : error
      return new Program.Stopped({
        exitCode: 3,
        reason: `cannot write in ${directory}: ${message}`
      })
    })
  )
  if (json) return yield* Effect.ignore(Stdout.write(`${JSON.stringify(measured)}\n`))
  for (const { millis, perSecond, rows, way } of measured) {
    yield* screen.line(`${way.padEnd(28)} ${rows} rows in ${millis} ms, ${perSecond} rows/s`)
  }
})

const timed = Effect.fnUntraced(function* <E, R>(self: Effect.Effect<unknown, E, R>) {
  const start = yield* Clock.currentTimeMillis
  yield* self
  return Math.max(1, (yield* Clock.currentTimeMillis) - start)
})

const bySink = (
  path: string,
  row: string,
  count: number,
  fsync: FileSink.Options<string>["fsync"]
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const sink = yield* FileSink.make({ path, format: Format.raw, fsync })
      let left = count
      yield* Effect.whileLoop({
        while: () => left-- > 0,
        body: () => sink.put(row),
        step: () => {}
      })
      yield* sink.finish
    })
  )

const byStream = (path: string, row: string, count: number) =>
  Effect.promise(async () => {
    const stream = createWriteStream(path)
    for (let left = count; left > 0; left--) {
      if (!stream.write(`${row}\n`)) await once(stream, "drain")
    }
    stream.end()
    await once(stream, "close")
  })

export const benchCommand = Command.make("bench", parameters, bench).pipe(
  Command.withDescription(
    "Writes rows with each fsync policy, and with createWriteStream, one after the other. A busy machine gives other numbers.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 a file or a disk refused."
  ),
  Command.withShortDescription("Measures how fast this disk takes rows")
)

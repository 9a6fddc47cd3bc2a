/** One run of `file-writer many`: each row becomes a file of its own, whole or not there. */
import { AtomicFile, type FileSink, SafePath } from "@fibra/files"
import { Program } from "@fibra/cli"
import { Data, Effect, Logger, type Option, Result, Schema, Stream } from "effect"
import { join } from "node:path"
import * as Account from "./Account.ts"
import * as Input from "./Input.ts"
import { none } from "./Kept.ts"
import * as Links from "./Links.ts"
import * as Rejects from "./Rejects.ts"
import * as Rows from "./Rows.ts"
import * as Screen from "./Screen.ts"
import * as Stdout from "./Stdout.ts"

export interface Options {
  readonly directory: string
  readonly from: string
  readonly rejects: Option.Option<string>
  readonly rowBytesMax: number
  readonly json: boolean
}

/** Files that are made durable together, and the bytes of their rows. */
const groupFilesMax = 256
const groupBytesMax = 16 * 1024 * 1024

/** Some files are written; those of this group are whole or as they were. */
class FilesFailed extends Data.TaggedError("FilesFailed")<{
  readonly written: number
  readonly cause: AtomicFile.WriteFailed
}> {
  override get message(): string {
    return `${this.cause.message}; ${this.written} files are written`
  }
}

export const many = Effect.fnUntraced(function* (options: Options) {
  const screen = Screen.make()
  const counts = yield* Account.makeCounts
  const written = { rows: 0, bytes: 0 }
  const account = Effect.gen(function* () {
    const account = yield* Account.settle(counts, { ...none, ...written })
    if (options.json) return yield* Effect.ignore(Stdout.write(`${JSON.stringify(account)}\n`))
    yield* screen.line(Account.sumLine(account))
    yield* screen.line(`${options.directory}: ${written.rows} files, ${written.bytes} bytes`)
  })
  yield* Effect.scoped(copy(options, screen, counts, written)).pipe(
    Effect.ensuring(account),
    Effect.provide(Logger.layer([screen.logger])),
    Effect.mapError(({ _tag, message }) => {
      const exitCode = _tag === "TargetLocked" ? 75 : 3
      return new Program.Stopped({ exitCode, reason: message })
    })
  )
  if (counts.rejected > 0) return yield* new Program.Stopped({ exitCode: 8, reason: "" })
})

const copy = Effect.fnUntraced(function* (
  options: Options,
  screen: Screen.Screen,
  counts: Account.Counts,
  written: { rows: number; bytes: number }
) {
  const rejects = yield* Rejects.open(options.rejects, screen, false)
  const linkOutOf = yield* Links.make(options.directory)
  const group = new Map<string, Uint8Array>()
  let groupBytes = 0

  const flush = Effect.suspend(() => {
    const entries = Array.from(group, ([path, content]) => ({ path, content }))
    const bytes = groupBytes
    group.clear()
    groupBytes = 0
    return AtomicFile.writeAll(entries).pipe(
      Effect.mapError((cause) => new FilesFailed({ written: written.rows, cause })),
      Effect.andThen(
        Effect.sync(() => {
          written.rows += entries.length
          written.bytes += bytes
        })
      )
    )
  })

  const add = Effect.fnUntraced(function* ({ content, path }: File) {
    const target = join(options.directory, path)
    // Of two rows for one path the later one is what stays.
    if (group.has(target)) yield* flush
    group.set(target, content)
    groupBytes += content.length
    if (group.size === groupFilesMax || groupBytes >= groupBytesMax) yield* flush
  })

  const take = Effect.fnUntraced(function* (lines: Iterable<Rows.Line>) {
    for (const line of lines) {
      counts.lines++
      if (line === undefined) {
        counts.blank++
      } else if (typeof line !== "string") {
        yield* reject(counts, rejects, line)
      } else {
        const file = fileOf(line)
        const cause = Result.isFailure(file) ? file.failure : yield* linkOutOf(file.success.path)
        if (cause !== undefined) yield* reject(counts, rejects, { cause, text: line })
        else yield* add(Result.getOrThrow(file))
      }
    }
  })

  const rows = Rows.make(options)
  yield* Stream.runForEach(Input.bytesOf(options.from), (bytes) => {
    counts.bytesRead += bytes.length
    return take(rows.push(bytes))
  })
  yield* take(rows.end())
  yield* flush
  yield* rejects.finish
})

const reject = (
  counts: Account.Counts,
  rejects: Rejects.Rejects,
  malformed: Rows.Malformed
): Effect.Effect<void, FileSink.SinkFailed> => {
  counts.rejected++
  return rejects.add({ line: counts.lines, ...malformed })
}

interface File {
  readonly path: string
  readonly content: Uint8Array
}

const Row = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({ path: Schema.String, content: Schema.String }),
    Schema.Struct({ path: Schema.String, base64: Schema.Uint8ArrayFromBase64 })
  ])
)

const decodeRow = Schema.decodeUnknownResult(Row)

/** The file of a row, or why it is none. */
const fileOf = (line: string): Result.Result<File, string> => {
  const row = decodeRow(line)
  if (Result.isFailure(row)) return Result.fail("it is no {path, content} and no {path, base64}")
  const { path } = row.success
  const content =
    "base64" in row.success ? row.success.base64 : new TextEncoder().encode(row.success.content)
  return SafePath.parse(path).pipe(
    Result.map(() => ({ path, content })),
    Result.mapError(({ message }) => message)
  )
}

/** What a job has to export: the rows that its crawl has written, or its pages. Read as often as asked. */
import * as Program from "@fibra/cli/Program"
import type { JobView } from "@fibra/crawl"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { JsonObject } from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Column } from "./Columns.ts"
import * as RowFiles from "./RowFiles.ts"
import { unreadable } from "./JobArgument.ts"

export interface Table {
  readonly name: "rows" | "pages"
  /** `undefined` when only the rows tell. */
  readonly columns: ReadonlyArray<Column> | undefined
  /** In the order in which they were written or found. */
  readonly chunks: Stream.Stream<
    ReadonlyArray<JsonObject>,
    Program.Stopped,
    FileSystem.FileSystem | Path.Path
  >
}

const chunkMax = 1000

export const pages = (view: JobView.JobView): Table => ({
  name: "pages",
  columns: [
    { name: "url", type: "text" },
    { name: "state", type: "text" },
    { name: "reason", type: "text" },
    { name: "detail", type: "text" },
    { name: "status", type: "integer" },
    { name: "depth", type: "integer" },
    { name: "foundOn", type: "text" },
    { name: "canonical", type: "text" },
    { name: "attempts", type: "integer" },
    { name: "at", type: "text" },
    { name: "isSitemap", type: "boolean" }
  ],
  chunks: Stream.paginate(0, (afterId) =>
    view.pages(afterId, chunkMax).pipe(
      Effect.catch(unreadable),
      Effect.map(({ lastId, pages }) => [
        [pages.map(pageRow)],
        pages.length < chunkMax ? Option.none() : Option.some(lastId)
      ])
    )
  )
})

const pageRow = ({ atMillis, isSitemap, ...page }: JobView.Page): JsonObject => {
  const { attempts, canonical, depth, detail, foundOn, reason, state, status, url } = page
  const at = atMillis === null ? null : new Date(atMillis).toISOString()
  return {
    url,
    state,
    reason,
    detail,
    status,
    depth,
    foundOn,
    canonical,
    attempts,
    at,
    isSitemap
  }
}

/** Of the output only what the job has committed is read: more may come, or be cut. */
export const rows = Effect.fnUntraced(function* (view: JobView.JobView) {
  const output = yield* Effect.catch(view.recall("output"), unreadable)
  const stop = (reason: string) => new Program.Stopped({ exitCode: 3, reason })
  if (output === undefined || output === "-") {
    return yield* stop(
      `the rows of ${view.directory} went to stdout; --table pages exports its pages`
    )
  }
  const files = yield* committedFiles(view, output)
  const fs = yield* FileSystem.FileSystem
  const lines = Stream.fromIterable(files).pipe(
    Stream.flatMap(({ bytes, path }) =>
      fs.stream(path, { bytesToRead: bytes }).pipe(Stream.decodeText, Stream.splitLines)
    ),
    Stream.mapError(({ message }) => stop(message))
  )
  const chunks = lines.pipe(
    Stream.grouped(chunkMax),
    Stream.mapEffect((texts) =>
      Effect.try({
        try: () => texts.map((text): JsonObject => JSON.parse(text)),
        catch: () => stop(`${output} has a line that is no row: was it changed since the crawl?`)
      })
    )
  )
  return { name: "rows", columns: undefined, chunks } satisfies Table as Table
})

/** Fails when a file of the output is not there, or has less than the job has committed. */
export const committedFiles = Effect.fnUntraced(function* (view: JobView.JobView, output: string) {
  const isRotated = (yield* Effect.catch(view.recall("rotated"), unreadable)) === "true"
  return yield* isRotated ? rotatedFiles(view, output) : oneFile(view, output)
})

interface Committed {
  readonly path: string
  readonly bytes: number
}

const oneFile = Effect.fnUntraced(function* (view: JobView.JobView, path: string) {
  const paths = yield* Path.Path
  const bytes = view.lengths?.[paths.basename(path)]?.bytes ?? 0
  return bytes === 0 ? [] : [yield* checked({ path, bytes })]
})

/** The files before the last one that the job knows of are complete; those after it are in no commit. */
const rotatedFiles = Effect.fnUntraced(function* (view: JobView.JobView, output: string) {
  const committed: Array<Committed> = []
  const files = yield* RowFiles.list(output)
  const last = files.findLast(({ name }) => view.lengths?.[name] !== undefined)
  for (const { name, number, path } of files) {
    if (number > (last?.number ?? 0)) break
    const known = view.lengths?.[name]?.bytes
    const file = yield* checked({ path, bytes: known ?? 0 })
    const bytes = known ?? (yield* sizeOf(path)) ?? 0
    if (bytes > 0) committed.push({ ...file, bytes })
  }
  return committed as ReadonlyArray<Committed>
})

const checked = Effect.fnUntraced(function* ({ bytes, path }: Committed) {
  const size = yield* sizeOf(path)
  if (size !== undefined && size >= bytes) return { path, bytes }
  const what = size === undefined ? "is not there or cannot be read" : `has only ${size} bytes`
  return yield* new Program.Stopped({
    exitCode: 3,
    reason: `${path} ${what}, and the job has committed ${bytes}: was it changed?`
  })
})

const sizeOf = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.stat(path).pipe(
    Effect.map((info) => Number(info.size)),
    Effect.orElseSucceed(() => undefined)
  )
})

/** Keeps what servers have answered, as `--save-body` says. */
import * as Program from "@fibra/cli/Program"
import type { Crawl } from "@fibra/crawl"
import * as AtomicFile from "@fibra/files/AtomicFile"
import * as ByteLog from "@fibra/files/ByteLog"
import * as FileSink from "@fibra/files/FileSink"
import * as Format from "@fibra/files/Format"
import * as Recovery from "@fibra/files/Recovery"
import * as Sniff from "@fibra/http/Sniff"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { hash } from "node:crypto"
import { basename } from "node:path"
import type { Place } from "./JobPlace.ts"

/** What a crawl is told, for the bodies to go where they are wanted. */
export const keeping = Effect.fnUntraced(function* (
  { archive, bodies, isOverwritten }: Place,
  options: {
    readonly fsync: "batch" | "none"
    readonly userAgent: string
    /** Whether the life before was killed, maybe in the middle of a file. */
    readonly wasKilled: boolean
  }
) {
  if (archive !== undefined) return yield* intoArchive(archive, options)
  if (bodies === undefined) return {}
  const fs = yield* FileSystem.FileSystem
  if (isOverwritten) yield* Effect.ignore(fs.remove(bodies, { recursive: true, force: true }))
  else if (options.wasKilled && (yield* Effect.orElseSucceed(fs.exists(bodies), () => false))) {
    yield* Effect.catch(Recovery.recover({ path: bodies, format: Format.raw }), ({ message }) =>
      Effect.fail(new Program.Stopped({ exitCode: 3, reason: message }))
    )
  }
  return { keepAnswer: intoFiles(bodies) }
})

/** Written before its page is committed, and again by the next life if that did not come about. */
const intoFiles =
  (directory: string) =>
  ({ fetched: { body, headers, status }, key }: Crawl.Answer) => {
    if (status < 200 || status >= 300) return Effect.undefined
    const extension = extensions[Sniff.kindOf(body, headers["content-type"])]
    return AtomicFile.write(stemOf(directory, key) + extension, body).pipe(
      Effect.mapError(
        ({ cause, path, step }) =>
          new FileSink.SinkFailed({ path, operation: step, rowsWritten: 0, rowsPath: path, cause })
      ),
      Effect.as(undefined)
    )
  }

const extensions = {
  html: ".html",
  xml: ".xml",
  json: ".json",
  text: ".txt",
  binary: ".bin"
} as const satisfies Record<Sniff.Kind, string>

/** Nothing of a URL is in the name, so that no site can choose one. */
const stemOf = (directory: string, key: string): string => {
  const name = hash("sha256", key)
  return `${directory}/${name.slice(0, 2)}/${name}`
}

/** The file of a page's body, if there is one. */
export const find = Effect.fnUntraced(function* (directory: string, key: string) {
  const fs = yield* FileSystem.FileSystem
  const stem = stemOf(directory, key)
  for (const extension of Object.values(extensions)) {
    if (yield* Effect.orElseSucceed(fs.exists(stem + extension), () => false)) {
      return stem + extension
    }
  }
  return undefined
})

const intoArchive = Effect.fnUntraced(function* (
  path: string,
  { fsync, userAgent }: { readonly fsync: "batch" | "none"; readonly userAgent: string }
) {
  // It takes a while to load, and most crawls keep no bodies.
  const Warc = yield* Effect.promise(() => import("./Warc.ts"))
  const now = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis))
  const head = Effect.flatMap(now, (date) =>
    Effect.promise(() =>
      Warc.info(date, {
        software: `fibra-scraper/${Program.versionOf(import.meta.url)}`,
        "http-header-user-agent": userAgent,
        isPartOf: basename(path)
      })
    )
  )
  return {
    keepAnswer: ({ fetched }: Crawl.Answer) =>
      Effect.flatMap(now, (date) => Effect.promise(() => Warc.response(date, fetched))),
    archive: Effect.fnUntraced(function* (committed: number | undefined) {
      const log = yield* ByteLog.open(path, committed, { fsync: fsync === "batch" })
      if (log.length() > 0) return log
      yield* log.write(yield* head)
      yield* log.sync
      return log
    })
  }
})

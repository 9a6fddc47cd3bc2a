/**
 * The site's own record of who asked for what: the evidence that a crawl was polite.
 *
 * The latest entries are kept in memory, up to a bound. A file, when one is given, gets every
 * entry as a line of JSON.
 */
import {
  Cause,
  Clock,
  Data,
  Effect,
  Exit,
  Fiber,
  FileSystem,
  type PlatformError,
  Queue,
  Scope,
  Stream
} from "effect"
import { HttpServerRequest, type HttpServerResponse } from "effect/http"
import * as Links from "./Links.ts"
import * as Robots from "./Robots.ts"

/** The log file cannot be opened or written. */
export class LogFileError extends Data.TaggedError("LogFileError")<{
  readonly path: string
  readonly cause: PlatformError.PlatformError
}> {
  override get message(): string {
    const { cause, message } = this.cause.reason
    const reason = cause instanceof Error ? cause.message : message
    return `The log file ${this.path} cannot be written (${reason}). Check its folder and the free space, or name another file with --log.`
  }
}

export interface Entry {
  /** When the request arrived, in ISO 8601 with milliseconds. */
  readonly at: string
  readonly method: string
  /** As requested, with the query. */
  readonly path: string
  /** As answered; 499 when the client left before. */
  readonly status: number
  readonly userAgent: string
  /** Requests in progress when this one started, itself included. */
  readonly active: number
  readonly durationMillis: number
}

export interface Stats {
  readonly requests: number
  /** Entries that were dropped from memory for newer ones; `repeated` does not count them. */
  readonly dropped: number
  readonly activeMax: number
  /** Requests for what robots.txt forbids to their agent. */
  readonly disallowedHits: number
  /**
   * For each canonical path that was asked for again although it had been answered: how many
   * times too often. Asking again after a 5xx, or after leaving early, is a retry, not counted.
   */
  readonly repeated: Readonly<Record<string, number>>
}

export interface RequestLog {
  /** The kept entries, in the order in which their answers were ready. */
  readonly entries: Effect.Effect<ReadonlyArray<Entry>>
  readonly stats: Effect.Effect<Stats>
  /** Suspends until the log file cannot be written; without a file, for ever. */
  readonly awaitFailure: Effect.Effect<never, LogFileError>
  /** Runs the handler of one request and records it. */
  readonly record: <E, R>(
    handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
  ) => Effect.Effect<
    HttpServerResponse.HttpServerResponse,
    E,
    R | HttpServerRequest.HttpServerRequest
  >
}

const entriesMax = 100_000

/** Opens the log. Its file is complete when the scope has closed. */
export const make = Effect.fnUntraced(function* (
  path: string | undefined
): Effect.fn.Return<RequestLog, LogFileError, FileSystem.FileSystem | Scope.Scope> {
  const { awaitFailure, write } = path === undefined ? memoryOnly : yield* openFile(path)
  const entries: Array<Entry> = []
  const totals = { requests: 0, active: 0, activeMax: 0, disallowedHits: 0 }

  const add = (entry: Entry) => {
    totals.requests++
    if (!Robots.isAllowed(Links.canonical(entry.path), entry.userAgent)) totals.disallowedHits++
    entries.push(entry)
    // Half at a time, so that the cost of a request does not grow with the log.
    if (entries.length > entriesMax) entries.splice(0, entriesMax / 2)
    return write(entry)
  }

  const record: RequestLog["record"] = (handler) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const clock = yield* Clock.Clock
      const start = clock.currentTimeNanosUnsafe()
      const at = new Date(clock.currentTimeMillisUnsafe()).toISOString()
      const active = ++totals.active
      totals.activeMax = Math.max(totals.activeMax, active)
      return yield* Effect.onExit(handler, (exit) => {
        totals.active--
        const micros = Number(clock.currentTimeNanosUnsafe() - start) / 1000
        return add({
          at,
          method: request.method,
          path: request.url,
          status: Exit.isSuccess(exit) ? exit.value.status : 499,
          userAgent: request.headers["user-agent"] ?? "",
          active,
          durationMillis: Math.round(micros) / 1000
        })
      })
    })

  return {
    entries: Effect.sync(() => entries.slice()),
    stats: Effect.sync(() => ({
      requests: totals.requests,
      dropped: totals.requests - entries.length,
      activeMax: totals.activeMax,
      disallowedHits: totals.disallowedHits,
      repeated: countRepeated(entries)
    })),
    awaitFailure,
    record
  }
})

const countRepeated = (entries: ReadonlyArray<Entry>): Record<string, number> => {
  const answered = new Set<string>()
  const repeated: Record<string, number> = {}
  for (const entry of entries) {
    const path = Links.canonical(entry.path)
    if (answered.has(path)) repeated[path] = (repeated[path] ?? 0) + 1
    else if (entry.status < 499) answered.add(path)
  }
  return repeated
}

interface Writer {
  readonly awaitFailure: Effect.Effect<never, LogFileError>
  readonly write: (entry: Entry) => Effect.Effect<unknown>
}

const memoryOnly: Writer = { awaitFailure: Effect.never, write: () => Effect.void }

// Requests put lines in a bounded queue, and one fiber writes them in batches: a slow disk slows
// the site down, and a broken one stops the queue, so that no request hangs on it.
const openFile = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Writer, LogFileError, FileSystem.FileSystem | Scope.Scope> {
  const failed = Effect.mapError(
    (cause: PlatformError.PlatformError) => new LogFileError({ path, cause })
  )
  const files = yield* FileSystem.FileSystem
  const file = yield* files.open(path, { flag: "a" }).pipe(failed)
  const lines = yield* Queue.bounded<string, Cause.Done>(1024)
  const writer = yield* Stream.fromQueue(lines).pipe(
    Stream.runForEachArray((batch) => file.writeAll(Buffer.from(batch.join("")))),
    failed,
    Effect.ensuring(Queue.shutdown(lines)),
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() => Effect.andThen(Queue.end(lines), Fiber.await(writer)))
  return {
    awaitFailure: Effect.andThen(Fiber.join(writer), Effect.never),
    write: (entry) => Queue.offer(lines, `${JSON.stringify(entry)}\n`)
  }
})

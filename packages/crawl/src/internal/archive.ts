/** Keeps answers in a file that is committed with their pages: each is in it once, and none is torn. */
import type * as ByteLog from "@fibra/files/ByteLog"
import type * as FileSink from "@fibra/files/FileSink"
import * as Semaphore from "@fibra/tasks/Semaphore"
import * as Effect from "effect/Effect"
import { failedIn, type Job, type JobFailed } from "../Job.ts"
import type { Settlement } from "./settlement.ts"
import { archiveLengthName } from "./store.ts"

/** Opens the file at its committed length; without one it goes on at its end. */
export type OpenArchive<E, R> = (
  committed: number | undefined
) => Effect.Effect<ByteLog.ByteLog, E, R>

export interface Archive {
  /** Waits for room, so that no more than a bound is uncommitted; `flush` commits what is. */
  readonly reserve: <E>(bytes: number, flush: Effect.Effect<void, E>) => Effect.Effect<void, E>
  /**
   * Writes what is kept of these pages, makes it durable, and then saves their commit, in which
   * `alongside` notes the new length. One at a time, as commits of rows and of rejects may come together.
   */
  readonly commitWith: <E>(
    settlements: ReadonlyArray<Settlement>,
    save: (alongside: () => void) => Effect.Effect<void, E>
  ) => Effect.Effect<void, E | FileSink.SinkFailed>
}

/** Bytes that wait for their commit. A single answer may be larger. */
const pendingBytesMax = 16 * 1024 * 1024

export const open = Effect.fnUntraced(function* <E, R>(
  open: OpenArchive<E, R>,
  { directory, store }: Job
): Effect.fn.Return<Archive, E | JobFailed, R> {
  const attempt = <A>(use: () => A): Effect.Effect<A, JobFailed> =>
    Effect.try({ try: use, catch: (cause) => failedIn(directory, cause) })
  const note = (bytes: number) => store.setValue(archiveLengthName, String(bytes))
  const saved = yield* attempt(() => store.value(archiveLengthName))
  const log = yield* open(saved === undefined ? undefined : Number(saved))
  // From now on, what a crash leaves behind this length is known not to be committed.
  yield* attempt(() => note(log.length()))
  const turn = yield* Semaphore.make(1)
  let pending = 0
  const hasRoom = (bytes: number) => pending === 0 || pending + bytes <= pendingBytesMax

  return {
    reserve: (bytes, flush) =>
      Effect.gen(function* () {
        while (!hasRoom(bytes)) yield* flush
        pending += bytes
      }),
    commitWith: (settlements, save) =>
      Effect.gen(function* () {
        const kept = settlements.flatMap(keptIn)
        if (kept.length === 0) return yield* save(() => {})
        yield* log.write(kept.length === 1 ? kept[0]! : Buffer.concat(kept))
        yield* log.sync
        yield* save(() => note(log.length()))
        for (const { length } of kept) pending -= length
      }).pipe(turn.withPermit)
  }
})

const keptIn = (settlement: Settlement): ReadonlyArray<Uint8Array> =>
  settlement._tag === "Page" && settlement.kept !== undefined ? [settlement.kept] : []

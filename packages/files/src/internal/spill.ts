/** Moves groups that wait for the writer from memory to a file, and back when it is their turn. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import type { Parts, Spilling } from "./groupBuffer.ts"
import { readAt } from "./members.ts"
import { reasonOf } from "./reasonOf.ts"
import * as RowBytes from "./rowBytes.ts"
import { closeable, step, type StepFailed, writeSome } from "./steps.ts"

export interface SpillFile {
  /** Whether so many bytes go in now. */
  readonly hasRoomFor: (bytes: number) => boolean
  /** Waits until something was read back. */
  readonly awaitRoom: Effect.Effect<void>
  /** Writes rows at the end. */
  readonly write: (parts: Parts) => Effect.Effect<Spilled, StepFailed>
}

interface Spilled {
  /** Reads the rows back, once, and makes room. */
  readonly load: Effect.Effect<Parts, StepFailed>
}

/** Creates the file, in place of one that a crash has left, and removes it with the scope. */
export const open = Effect.fnUntraced(function* (
  path: string,
  bytesMax: number
): Effect.fn.Return<SpillFile, StepFailed, FileSystem.FileSystem | Scope.Scope> {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.addFinalizer(() => Effect.ignore(fs.remove(path, { force: true })))
  const { provide } = yield* closeable(path)
  const file = yield* step("open", path, provide(fs.open(path, { flag: "w+" })))
  const isRead = yield* Latch.make()
  // Invariant: `unread` groups are in the file, or on their way, all before `end`; it is 0 without any.
  let end = 0
  let unread = 0

  const writeAll = Effect.fnUntraced(function* (bytes: Uint8Array) {
    const start = end
    yield* step("write", path, file.seek(BigInt(start), "start"))
    for (let at = 0; at < bytes.length;) at += yield* writeSome(file, path, bytes.subarray(at))
    end += bytes.length
    return start
  })

  // Hazard: cut here, the file could lose what is written while the system cuts it.
  const free = () => {
    isRead.openUnsafe()
    if (--unread === 0) end = 0
  }

  const write = Effect.fnUntraced(function* (parts: Parts) {
    const places: Array<Place> = []
    // Hazard: counted only at the end, it would be cut off when another one is read back meanwhile.
    unread++
    for (const [partition, part] of parts) {
      const { bytes, ends, rows } = part
      const start = yield* writeAll(bytes)
      yield* writeAll(new Uint8Array(ends.buffer, ends.byteOffset, ends.byteLength))
      places.push({ partition, start, bytes: bytes.length, rows })
    }
    const load = Effect.gen(function* () {
      const back = new Map<string, RowBytes.RowBytes>()
      for (const { bytes, partition, rows, start } of places) {
        const all = yield* step("write", path, readAt(file, start, bytes + 4 * rows))
        const ends = new Uint32Array(all.slice(bytes).buffer)
        back.set(partition, RowBytes.from(all.subarray(0, bytes), ends))
      }
      free()
      return back
    })
    return { load }
  })

  return {
    hasRoomFor: (bytes) => end === 0 || end + bytes <= bytesMax,
    awaitRoom: Effect.suspend(() => Effect.andThen(isRead.close, isRead.await)),
    write
  }
})

interface Place {
  readonly partition: string
  readonly start: number
  readonly bytes: number
  readonly rows: number
}

/** Never ends, unless the file takes no more: then producers wait, as they do without it. */
export const run = <Group>(buffer: Spilling<Group>, file: SpillFile): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      const { bytes, group, parts, rows } = yield* buffer.nextToSpill
      if (!file.hasRoomFor(bytes + 4 * rows)) {
        yield* file.awaitRoom
        continue
      }
      const { load } = yield* file.write(parts)
      if (!buffer.spilledUnsafe(group, load)) yield* load
    }
  }).pipe(
    Effect.catchTag("StepFailed", ({ cause, path }) =>
      Effect.logWarning(`${path} takes no more, producers wait instead: ${reasonOf(cause)}`)
    )
  )

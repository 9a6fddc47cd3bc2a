/** One file that grows by commits: what is written and not committed can be taken back. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { createHash, type Hash } from "node:crypto"
import { step, StepFailed, syncDirectory, writeSome } from "./steps.ts"
import { readAt } from "./members.ts"
import type { Shape, Whole } from "./wholeRecords.ts"

export interface LogFile {
  readonly path: string
  /** All that was written. */
  readonly written: Whole
  /** What commits have made of it. */
  readonly committed: Whole
  /** Of all that was written, in hexadecimal digits; empty for a file that is not hashed. */
  readonly sha256: () => string
  /** Writes rows at the end. */
  readonly write: (bytes: Uint8Array, rows: number) => Effect.Effect<void, StepFailed>
  /** Makes durable what was written. */
  readonly syncData: Effect.Effect<void, StepFailed>
  /** Makes durable what was written, and that the file has its name. */
  readonly sync: Effect.Effect<void, StepFailed>
  /** What was written is committed. */
  readonly commitUnsafe: () => void
  /** Forgets what was written since the last commit. */
  readonly rollback: Effect.Effect<void, StepFailed>
  readonly close: Effect.Effect<void, StepFailed>
}

export interface Opened {
  readonly file: FileSystem.File
  readonly path: string
  readonly close: Effect.Effect<void, StepFailed>
  readonly shape: Shape
  /** What is in the file. Default: nothing. */
  readonly start?: Whole | undefined
  /** Of what is in the file, to go on with. Default: the file is not hashed. */
  readonly hash?: Hash | undefined
}

const encoder = new TextEncoder()

/** Goes on at the end of an open file. */
export const make = Effect.fnUntraced(function* ({
  close,
  file,
  hash,
  path,
  shape: { codec, header },
  start = { rows: 0, bytes: 0 }
}: Opened): Effect.fn.Return<LogFile, never, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const directory = (yield* Path.Path).dirname(path)
  let committed = start
  let written = start
  let isNameDurable = false
  let isDataDurable = false

  const pack = (bytes: Uint8Array, rows: number) =>
    codec === undefined
      ? Effect.succeed(bytes)
      : Effect.mapError(
          codec.pack(bytes, rows),
          (cause) => new StepFailed({ step: "write", path, cause })
        )

  const write = Effect.fnUntraced(function* (bytes: Uint8Array, rows: number) {
    const isFirst = header !== undefined && written.bytes === 0
    const data = yield* pack(isFirst ? withHeader(header, bytes) : bytes, rows)
    isDataDurable = false
    for (let at = 0; at < data.length;) {
      at += yield* writeSome(file, path, data.subarray(at))
    }
    hash?.update(data)
    written = { rows: written.rows + rows, bytes: written.bytes + data.length }
  })

  const syncData = Effect.suspend(() =>
    isDataDurable
      ? Effect.void
      : Effect.andThen(
          step("sync", path, file.sync),
          Effect.sync(() => {
            isDataDurable = true
          })
        )
  )

  const sync = Effect.gen(function* () {
    yield* syncData
    if (isNameDurable) return
    yield* step("syncDirectory", path, syncDirectory(fs, directory))
    isNameDurable = true
  })

  return {
    path,
    get written() {
      return written
    },
    get committed() {
      return committed
    },
    sha256: () => hash?.copy().digest("hex") ?? "",
    write,
    syncData,
    sync,
    commitUnsafe: () => {
      committed = written
    },
    rollback: Effect.suspend(() => {
      written = committed
      isDataDurable = false
      return step("write", path, file.truncate(committed.bytes))
    }),
    close
  }
})

const withHeader = (header: string, bytes: Uint8Array): Uint8Array => {
  const line = encoder.encode(`${header}\n`)
  const all = new Uint8Array(line.length + bytes.length)
  all.set(line)
  all.set(bytes, line.length)
  return all
}

const readBytesMax = 1024 * 1024

/** The hash of the first `length` bytes, to which more can be added. */
export const hashOf = Effect.fnUntraced(function* (file: FileSystem.File, length: number) {
  const hash = createHash("sha256")
  for (let at = 0; at < length; at += readBytesMax) {
    hash.update(yield* readAt(file, at, Math.min(readBytesMax, length - at)))
  }
  return hash
})

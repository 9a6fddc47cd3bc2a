/** Lines from one producer to one file, as fast as it goes, with and without a promise of the disk. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { once } from "node:events"
import { createWriteStream } from "node:fs"
import sonicBoom from "sonic-boom"
import type { Workload } from "../workload.ts"
import { openSink, run, times } from "./ours.ts"
import { aiofiles, python } from "./python.ts"
import { line, lines } from "./scratch.ts"

const fileSink = (fsync: "none" | "batch") => ({
  run: lines((path, size) =>
    run(
      Effect.gen(function* () {
        const sink = yield* openSink(path, fsync)
        yield* times(size, () => sink.put(line))
        yield* sink.finish
      })
    )
  )
})

const writeStream = (flush: boolean) => ({
  run: lines(async (path, size) => {
    const stream = createWriteStream(path, { flush })
    for (let left = size; left > 0; left--) {
      if (!stream.write(`${line}\n`)) await once(stream, "drain")
    }
    stream.end()
    await once(stream, "close")
  })
})

const bySonicBoom = (isDurable: boolean) => ({
  run: lines(async (path, size) => {
    // As in its documentation; larger buffers make it slower.
    const sonic = new sonicBoom.SonicBoom({ dest: path, minLength: 4096, sync: false })
    await once(sonic, "ready")
    for (let left = size; left > 0; left--) {
      if (!sonic.write(`${line}\n`)) await once(sonic, "drain")
    }
    if (isDurable) {
      await new Promise<void>((resolve, reject) => {
        sonic.flush((error?: Error) => (error == null ? resolve() : reject(error)))
      })
    }
    sonic.end()
    await once(sonic, "close")
  })
})

const bytes = new TextEncoder().encode(`${line}\n`)

/** Lines as Effect's own sink gets them: in chunks of so many. */
const effectSink = (chunk: number) =>
  lines((path, size) =>
    run(
      Effect.flatMap(FileSystem.FileSystem, (fs) =>
        Stream.range(1, size).pipe(
          Stream.map(() => bytes),
          Stream.grouped(chunk),
          Stream.map((lines) => Buffer.concat(lines)),
          Stream.run(fs.sink(path))
        )
      )
    )
  )

/** What is slow writes fewer lines, where no goal asks for more. */
const few = { sizes: [1_000, 10_000] }

const common = {
  module: import.meta.url,
  measure: "wall",
  warmUp: { size: 50_000, seconds: 2 },
  operationsMin: 10_000,
  sizes: [1_000, 100_000]
} as const

const volatileLines: Workload = {
  ...common,
  name: "lines, volatile",
  work: "Writes n lines of 200 bytes to a new file, one after the other, and closes it. Nothing must survive a power loss.",
  baseline: "FileSink, fsync none",
  contenders: {
    "FileSink, fsync none": { ...fileSink("none"), note: "fsyncs once, when it is closed." },
    createWriteStream: writeStream(false),
    "sonic-boom": bySonicBoom(false),
    "Effect sink, by line": { run: effectSink(1), ...few },
    "Effect sink, by 1,000": {
      run: effectSink(1000),
      note: "the user groups the lines; a line is written when 1,000 are there."
    },
    aiofiles: aiofiles("aiofiles"),
    "Python, buffered": python("Python, buffered")
  }
}

const durableLines: Workload = {
  ...common,
  name: "lines, durable",
  work: "The same; when it is done, the lines survive a power loss.",
  baseline: "FileSink, fsync batch",
  contenders: {
    "FileSink, fsync batch": {
      ...fileSink("batch"),
      note: "fsyncs each commit of a mebibyte, and the directory. All others fsync once, at the end, and the file only."
    },
    "createWriteStream, flush": writeStream(true),
    "sonic-boom, flush": bySonicBoom(true),
    "aiofiles, fsync": { ...aiofiles("aiofiles, fsync"), ...few },
    "Python, buffered, fsync": python("Python, buffered, fsync")
  }
}

export const workloads: ReadonlyArray<Workload> = [volatileLines, durableLines]

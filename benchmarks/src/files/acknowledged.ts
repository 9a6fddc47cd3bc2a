/** Rows whose producers wait until each of them is on the disk. */
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import sonicBoom from "sonic-boom"
import { once } from "node:events"
import type { Workload } from "../workload.ts"
import { openSink, run } from "./ours.ts"
import { line, lines } from "./scratch.ts"

const producers = 64

const acknowledged: Workload = {
  name: "rows, acknowledged",
  work: `${producers} producers write n lines of 200 bytes to one file; each waits until its line is on the disk, then writes the next.`,
  module: import.meta.url,
  measure: "wall",
  warmUp: { size: 200, seconds: 0.5 },
  operationsMin: 2_000,
  sizes: [2_000],
  baseline: "FileSink.offer, fsync batch",
  contenders: {
    "FileSink.offer, fsync batch": {
      run: lines((path, size) =>
        run(
          Effect.gen(function* () {
            const sink = yield* openSink(path, "batch")
            const rows = Array.from({ length: size }, () => line)
            yield* Effect.forEach(rows, sink.offer, { concurrency: producers, discard: true })
            yield* sink.finish
          })
        )
      ),
      note: "one write and one fsync for all who wait when the commit before is done."
    },
    "FileHandle.write, then sync": {
      run: lines(async (path, size) => {
        const file = await open(path, "a")
        let left = size
        const produce = async () => {
          while (left-- > 0) {
            await file.write(`${line}\n`)
            await file.sync()
          }
        }
        await Promise.all(Array.from({ length: producers }, produce))
        await file.close()
      }),
      note: "the fsyncs of 64 producers overlap on the threads of libuv."
    },
    "sonic-boom, fsync": {
      run: lines(async (path, size) => {
        const sonic = new sonicBoom.SonicBoom({ dest: path, sync: true, fsync: true })
        for (let left = size; left > 0; left--) {
          sonic.write(`${line}\n`)
          if (left % producers === 0) await new Promise((resume) => setImmediate(resume))
        }
        sonic.end()
        await once(sonic, "close")
      }),
      note: "an fsync for each line, on the main thread."
    }
  }
}

export const workloads: ReadonlyArray<Workload> = [acknowledged]

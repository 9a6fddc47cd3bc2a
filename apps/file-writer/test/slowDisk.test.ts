/** A pipe with a name is a disk that takes what its reader takes: nothing, a little, or all. */
import { execFileSync } from "node:child_process"
import { createReadStream } from "node:fs"
import { join } from "node:path"
import type { Writable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { start, temporaryDirectory } from "./support/program.ts"

const row = `${JSON.stringify("x".repeat(198))}\n`
const rows = 200_000
const block = row.repeat(1000)
const memoryMax = 80e6

const pipe = Effect.map(temporaryDirectory, (directory) => {
  const path = join(directory, "pipe")
  execFileSync("mkfifo", [path])
  return path
})

const feed = async (stdin: Writable) => {
  for (let left = rows / 1000; left > 0; left--) {
    if (!stdin.write(block)) await new Promise((resume) => stdin.once("drain", resume))
  }
  stdin.end()
}

describe("file-writer on a slow disk", () => {
  it.live("FWR24: the input waits, and memory stays flat", () =>
    Effect.gen(function* () {
      const path = yield* pipe
      const { ended, peakBytes, stdin, stdout } = yield* start("write", "-o", path)
      stdout.resume()
      yield* Effect.promise(async () => {
        let [fed, bytes, idleBytes, isFed] = [Promise.resolve(), 0, 0, false]
        stdin.write(row)
        for await (const chunk of createReadStream(path)) {
          if (bytes === 0) {
            idleBytes = peakBytes()
            fed = feed(stdin).then(() => void (isFed = true))
          }
          bytes += chunk.length
          // A quarter of the rows is out; what the program and the pipes hold is far less than the rest.
          if (bytes < (rows * row.length) / 4) assert.isFalse(isFed)
          for (let turn = 0; turn < 5; turn++) await setImmediate()
          if (!isFed) assert.isBelow(peakBytes() - idleBytes, memoryMax)
        }
        await fed
        assert.strictEqual(bytes, (rows + 1) * row.length)
        const { code, stderr } = await ended
        assert.strictEqual(code, 0, stderr)
        assert.include(stderr, `received ${rows + 1} = written ${rows + 1} + rejected 0`)
      })
    })
  )

  it.live(
    "FWR24, FWR40: with drop nobody waits for a disk that takes nothing, and the sum holds",
    () =>
      Effect.gen(function* () {
        const path = yield* pipe
        const args = ["--mode", "append", "--buffer", "1000", "--on-full", "drop"]
        const { ended, peakBytes, stdin, stdout } = yield* start("write", "-o", path, ...args)
        stdout.resume()
        yield* Effect.promise(async () => {
          const reader = createReadStream(path)
          stdin.write(row)
          let bytes = (await reader[Symbol.asyncIterator]().next()).value.length
          // Nobody reads now, and all rows get in.
          const idleBytes = peakBytes()
          await feed(stdin)
          assert.isBelow(peakBytes() - idleBytes, memoryMax)
          for await (const chunk of reader) bytes += chunk.length
          const { code, stderr } = await ended
          assert.strictEqual(code, 0, stderr)
          const sum = /received (\d+) = written (\d+) \+ rejected 0 \+ dropped (\d+)/
          const [received, written, dropped] = sum.exec(stderr)!.slice(1).map(Number)
          assert.strictEqual(received, rows + 1)
          assert.strictEqual(written! + dropped!, received)
          assert.strictEqual(bytes, written! * row.length)
          assert.isAbove(dropped!, rows / 2)
        })
      })
  )
})

import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, FileSystem, Logger, Path } from "effect"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import * as FileSink from "../src/FileSink.ts"
import * as Manifest from "../src/Manifest.ts"
import * as Recovery from "../src/Recovery.ts"
import { type Order, optionsOf } from "./support/writer.ts"
import { freshPath } from "./support/watchedFiles.ts"

const kills = process.env["FIBRA_SOAK"] === "1" ? 20 : 1
const writer = new URL("support/writer.ts", import.meta.url).pathname

/** Runs a writer, kills it after some acknowledgements and a while, and returns those that it printed. */
const life = (order: Order, moreMillis: number) =>
  Effect.promise(
    () =>
      new Promise<ReadonlyArray<number>>((resolve, reject) => {
        const args = ["--conditions=@fibra/source", writer, JSON.stringify(order)]
        const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
        let printed = ""
        let isDoomed = false
        child.stdout.on("data", (text) => {
          printed += text
          if (isDoomed || printed.length < 200) return
          isDoomed = true
          setTimeout(() => child.kill("SIGKILL"), moreMillis)
        })
        child.once("error", reject)
        // A line that was cut is not to be read as a shorter number.
        child.once("close", () => resolve(printed.split("\n").slice(0, -1).map(Number)))
      })
  )

/** All rows of all files, none of them torn, and the hash of each file in the manifest as it says. */
const rowsIn = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, join } = yield* Path.Path
  const entries = yield* Manifest.read(Manifest.pathOf(path))
  const ids: Array<number> = []
  for (const name of yield* fs.readDirectory(dirname(path), { recursive: true })) {
    if (!/rows[0-9.]*\.jsonl(\.gz)?$/.test(name)) continue
    const bytes = yield* fs.readFile(join(dirname(path), name))
    const entry = entries.get(name)
    if (entry !== undefined) {
      const listed = createHash("sha256").update(bytes.subarray(0, entry.bytes)).digest("hex")
      assert.strictEqual(listed, entry.sha256)
    }
    const text = name.endsWith(".gz") ? gunzipSync(bytes).toString() : Buffer.from(bytes).toString()
    assert.isTrue(text === "" || text.endsWith("\n"))
    for (const line of text.split("\n").slice(0, -1)) ids.push(JSON.parse(line).id)
  }
  return ids
})

describe("A writer that is killed", () => {
  it.live.each([
    ["one file", false],
    ["gzip, rotation, partitions and a manifest", true]
  ] as const)(
    "KIL1: each acknowledged row is there once, and none is torn: %s",
    ([, isLarge]) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { dirname } = yield* Path.Path
        const path = (yield* freshPath) + (isLarge ? ".gz" : "")
        const acknowledged: Array<number> = []
        for (let round = 0; round < kills; round++) {
          const order = { path, from: round * 1_000_000, isLarge }
          acknowledged.push(...(yield* life(order, (round * 37) % 150)))
        }
        const { compression, format } = {
          compression: undefined,
          ...optionsOf({ path, from: 0, isLarge })
        }
        const options = { path, format, compression, isRotated: isLarge, isPartitioned: isLarge }
        const { files } = yield* Recovery.recover(options)
        const ids = yield* rowsIn(path)
        assert.strictEqual(
          ids.length,
          files.reduce((sum, { rows }) => sum + rows, 0)
        )
        assert.strictEqual(new Set(ids).size, ids.length)
        const there = new Set(ids)
        assert.deepStrictEqual(
          acknowledged.filter((id) => !there.has(id)),
          []
        )
        assert.isAbove(acknowledged.length, 20 * kills)
        // What was cut was the last write of a killed writer: nobody needs a copy.
        const names = yield* fs.readDirectory(dirname(path), { recursive: true })
        assert.deepStrictEqual(
          names.filter((name) => /torn|lock/.test(name)),
          []
        )
        const again = yield* FileSink.make(options)
        yield* again.offer({ id: -1, key: "k0" })
      }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])])),
    120_000
  )
})

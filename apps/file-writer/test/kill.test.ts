import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run, start, temporaryDirectory } from "./support/program.ts"

const isLong = process.env["FIBRA_SOAK"] === "1"
const kills = isLong ? 20 : 2
const count = isLong ? 300_000 : 20_000

const rows = Array.from({ length: count }, (_, id) =>
  JSON.stringify({ id, key: `k${id % 4}`, text: "x".repeat((id * 37) % 200) })
)

/** All rows of all files; a torn one does not parse. */
const idsIn = (directory: string): ReadonlyArray<number> =>
  (readdirSync(directory, { recursive: true }) as Array<string>)
    .map((name) => join(directory, name))
    .filter((path) => /rows\.\d+\.jsonl\.gz$/.test(path) && statSync(path).size > 0)
    .flatMap((path) => gunzipSync(readFileSync(path)).toString().split("\n").slice(0, -1))
    .map((line) => JSON.parse(line).id as number)

describe("file-writer, killed", () => {
  it.live(
    `FWR43: after ${kills} times kill -9 and recover each acknowledged row is there once, and none is torn`,
    () =>
      Effect.gen(function* () {
        const directory = yield* temporaryDirectory
        const at = (name: string) => join(directory, name)
        writeFileSync(at("in"), `${rows.join("\n")}\n`)
        const out = at("rows.jsonl.gz")
        const layout = ["--partition", "{key}", "--rotate-rows", "700", "--manifest"]
        const places = ["--mode", "append", "--from", at("in"), "-o", out]
        const args = ["write", ...places, ...layout, "--checkpoint", at("done.json")]
        let done = 0

        /** Runs until some more lines are acknowledged, and then for a part of a commit. */
        const life = Effect.fnUntraced(function* (round: number) {
          const writer = yield* start(...args, "--batch", "150", "--ack", "stdout")
          yield* Effect.promise(async () => {
            let printed = ""
            const enough = done + Math.floor(count / kills / 2)
            for await (const chunk of writer.stdout) {
              printed += chunk
              const whole = printed.split("\n").slice(0, -1)
              if (whole.length > 0) done = JSON.parse(whole.at(-1)!).line
              if (done < enough) continue
              setTimeout(() => writer.kill("SIGKILL"), (round * 7) % 40)
            }
            const { code } = await writer.ended
            assert.isNull(code, "it ended before it was killed")
          })
        }, Effect.scoped)

        for (let round = 0; round < kills; round++) {
          yield* life(round)
          const recovered = yield* run("", "recover", out, "--rotated", "--partitioned")
          assert.strictEqual(recovered.code, 0, recovered.stderr)
          const ids = new Set(idsIn(directory))
          assert.strictEqual(ids.size, idsIn(directory).length)
          for (let id = 0; id < done; id++) assert.isTrue(ids.has(id), `row ${id} of ${done}`)
        }
        const last = yield* run("", ...args)
        assert.strictEqual(last.code, 0, last.stderr)
        assert.deepStrictEqual(
          idsIn(directory).toSorted((a, b) => a - b),
          Array.from(rows.keys())
        )
        const verified = yield* run("", "verify", `${out}.manifest.jsonl`)
        assert.strictEqual(verified.code, 0, verified.stderr)
      }),
    600_000
  )
})

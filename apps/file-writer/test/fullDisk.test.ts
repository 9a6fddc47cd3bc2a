import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run, temporaryDirectory } from "./support/program.ts"
import { small, whyNot } from "../../../packages/files/test/support/tmpfs.ts"

const row = (id: number) => `${JSON.stringify({ id, key: `k${id % 3}`, text: "x".repeat(100) })}\n`
const rows = Array.from({ length: 30_000 }, (_, id) => row(id))
const text = (path: string) => readFileSync(path, "utf8")
const setup = Effect.gen(function* () {
  const from = `${yield* temporaryDirectory}/in`
  writeFileSync(from, rows.join(""))
  return { ...(yield* small("2m")), from }
})

// A mount needs rights that not everybody has.
describe.skipIf(whyNot !== undefined)(
  `file-writer on a tmpfs of 2 MB${whyNot === undefined ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    it.live(
      "FWR21: atomic: exit 3, whole rows beside PATH, and all of them once there is room",
      () =>
        Effect.gen(function* () {
          const { at, from, resize } = yield* setup
          writeFileSync(at("out"), '"old"\n')
          const full = yield* run("", "write", "--from", from, "-o", at("out"))
          assert.strictEqual(full.code, 3)
          assert.match(
            full.stderr,
            /ENOSPC: no space left on device, write; (\d+) rows are whole in /
          )
          const kept = text(at("out.partial"))
          assert.isTrue(
            kept.length > 1_000_000 && kept.endsWith("\n") && rows.join("").startsWith(kept)
          )
          assert.strictEqual(text(at("out")), '"old"\n')
          resize("20m")
          assert.strictEqual((yield* run("", "write", "--from", from, "-o", at("out"))).code, 0)
          assert.strictEqual(text(at("out")), rows.join(""))
          assert.strictEqual(text(at("out.partial.1")), kept)
        })
    )

    it.live(
      "FWR21, FWR37: append: the committed prefix is valid, and a rerun goes on behind it",
      () =>
        Effect.gen(function* () {
          const { at, from, resize } = yield* setup
          const places = ["--from", from, "-o", at("out"), "--checkpoint", at("done.json")]
          const write = run("", "write", "--mode", "append", ...places)
          const full = yield* write
          assert.strictEqual(full.code, 3)
          const committed = Number(/out: (\d+) rows committed/.exec(full.stderr)?.[1])
          assert.isAbove(committed, 1000)
          assert.strictEqual(text(at("out")), rows.slice(0, committed).join(""))
          // Still full: nothing is lost by another try.
          assert.strictEqual((yield* write).code, 3)
          resize("20m")
          assert.strictEqual((yield* write).code, 0)
          assert.strictEqual(text(at("out")), rows.join(""))
        })
    )

    it.live("FWR21, FWR35: gzip, partitions, rotation and a manifest: the same", () =>
      Effect.gen(function* () {
        const { at, from, resize } = yield* setup
        // Text that does not compress, so that it fills the disk.
        const noise = (id: number) =>
          Math.sin(id + 1)
            .toString(36)
            .slice(2)
            .repeat(4)
        const lines = rows.map((_, id) => {
          const parts = Array.from({ length: 12 }, (_, part) => noise(12 * id + part).slice(0, 11))
          return `${JSON.stringify({ id, key: `k${id % 3}`, text: parts.join("") })}\n`
        })
        writeFileSync(from, lines.join(""))
        const layout = ["--partition", "{key}", "--rotate-rows", "1000", "--manifest"]
        const places = ["--from", from, "-o", at("out.gz"), "--checkpoint", at("done.json")]
        const write = run("", "write", "--mode", "append", ...places, ...layout)
        const full = yield* write
        assert.strictEqual(full.code, 3)
        assert.include(full.stderr, "ENOSPC")
        const ids = () =>
          (readdirSync(at("."), { recursive: true }) as Array<string>)
            .filter((name) => /out\.\d+\.gz$/.test(name) && statSync(at(name)).size > 0)
            .flatMap((name) =>
              gunzipSync(readFileSync(at(name)))
                .toString()
                .trimEnd()
                .split("\n")
            )
            .map((line) => JSON.parse(line).id as number)
            .toSorted((a, b) => a - b)
        const committed = Number(/out\.gz: (\d+) rows committed/.exec(full.stderr)?.[1])
        assert.deepStrictEqual(
          ids(),
          Array.from({ length: committed }, (_, id) => id)
        )
        resize("20m")
        assert.strictEqual((yield* write).code, 0)
        assert.deepStrictEqual(ids(), Array.from(rows.keys()))
        const verified = yield* run("", "verify", at("out.gz.manifest.jsonl"))
        assert.strictEqual(verified.code, 0, verified.stderr)
      })
    )

    it.live("FWR52: many: files are whole or not there, and a rerun writes all", () =>
      Effect.gen(function* () {
        const { at, from, resize } = yield* setup
        const content = "x".repeat(5000)
        const files = Array.from({ length: 1000 }, (_, id) => ({
          path: `d${id % 5}/${id}`,
          content
        }))
        writeFileSync(from, files.map((file) => `${JSON.stringify(file)}\n`).join(""))
        const many = run("", "many", at("out"), "--from", from)
        const full = yield* many
        assert.strictEqual(full.code, 3)
        assert.match(full.stderr, /ENOSPC.*; 256 files are written$/m)
        const found = () =>
          (readdirSync(at("out"), { recursive: true }) as Array<string>).filter((name) =>
            /\/[^/]+$/.test(name)
          )
        for (const name of found()) assert.strictEqual(text(at(`out/${name}`)), content)
        resize("20m")
        assert.strictEqual((yield* many).code, 0)
        assert.strictEqual(found().length, 1000)
      })
    )

    it.live("FWR20: a read-only file system is named as such", () =>
      Effect.gen(function* () {
        const { at, resize } = yield* setup
        resize("2m,ro")
        const written = yield* run("1\n", "write", "-o", at("out"))
        assert.deepStrictEqual([written.code, existsSync(at("out"))], [3, false])
        assert.include(written.stderr, "EROFS: read-only file system")
        const many = yield* run('{"path":"a/b","content":""}', "many", at("new"))
        assert.strictEqual(many.code, 3)
        assert.include(many.stderr, "EROFS: read-only file system")
      })
    )
  }
)

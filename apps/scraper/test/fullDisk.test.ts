import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { small, whyNot } from "../../../packages/files/test/support/tmpfs.ts"
import { serveLarge } from "./support/largeSite.ts"
import { run, temporaryDirectory } from "./support/program.ts"

const total = 300
// The rows need some hundred kilobytes, and so does what is known of the pages.
const select = ["--select", "text[]=p", "--allow-private", "--per-host", "8", "--depth", "100"]

const urlsIn = (text: string) => {
  assert.isTrue(text === "" || text.endsWith("\n"), "the last row is whole")
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => String(JSON.parse(line).url))
}

/** Crawls onto a disk that fills up, and on after it has become larger. */
const crawlTwice = Effect.fnUntraced(function* (full: "output" | "job" | "both", size: string) {
  const site = yield* serveLarge(total)
  const [disk, directory] = [yield* small(size), yield* temporaryDirectory]
  const out = full === "job" ? join(directory, "out.jsonl") : disk.at("out.jsonl")
  const job = full === "output" ? join(directory, "job") : disk.at("job")
  const crawl = run("crawl", site.origin, "-o", out, "--job", job, ...select)

  const failed = yield* crawl
  assert.strictEqual(failed.code, 3, failed.stderr)
  const lines = failed.stderr.trimEnd().split("\n")
  assert.strictEqual(lines.length, 1, failed.stderr)
  assert.match(lines[0]!, /^scraper: .*(ENOSPC|disk is full)/)
  const status = yield* run("status", job, "--json")
  assert.strictEqual(status.code, 0, status.stderr)
  const { discovered, done, failed: ill, left, rows, skipped } = JSON.parse(status.stdout)
  assert.deepStrictEqual([discovered, rows], [done + ill + skipped + left, done])
  assert.isAbove(left, 0)
  const exported = yield* run("export", job, "-o", "-")
  const committed = urlsIn(exported.stdout)
  assert.strictEqual(committed.length, done, exported.stderr)
  // What is written is committed, or what was to be committed next.
  const written = readFileSync(out, "utf8")
  assert.isTrue(written.startsWith(exported.stdout))

  // Still full: nothing is lost by another try.
  assert.strictEqual((yield* crawl).code, 3)
  disk.resize("20m")
  const again = yield* crawl
  assert.strictEqual(again.code, 0, again.stderr)
  const found = urlsIn(readFileSync(out, "utf8"))
  assert.deepStrictEqual(found.slice(0, done), committed)
  assert.deepStrictEqual(found.toSorted(), site.urls.toSorted())
  return done as number
})

const cases = [
  ["output", "128k"],
  ["job", "300k"],
  ["both", "600k"]
] as const

// A mount needs rights that not everybody has.
describe.skipIf(whyNot !== undefined)(
  `scraper on a disk that is full${whyNot === undefined ? "" : ` (skipped: ${whyNot})`}`,
  () => {
    it.live.each(process.env.FIBRA_SOAK === undefined ? cases.slice(0, 2) : cases)(
      "SCR83: %s on %s: exit 3, what is committed holds, and the rest follows",
      ([full, size]) =>
        Effect.gen(function* () {
          assert.isAbove(yield* crawlTwice(full, size), 0)
        })
    )

    it.live("SCR83: no room for a job is one line and exit 3, before anything is fetched", () =>
      Effect.gen(function* () {
        const site = yield* serveLarge(1)
        const [disk, directory] = [yield* small("16k"), yield* temporaryDirectory]
        const places = ["-o", join(directory, "out.jsonl"), "--job", disk.at("job")]
        const crawl = run("crawl", site.origin, ...places, ...select)
        const failed = yield* crawl
        assert.strictEqual(failed.code, 3)
        assert.match(failed.stderr, /^scraper: the job .*(ENOSPC|disk.* full)[^\n]*\n$/)
        assert.deepStrictEqual(site.log, [])
        disk.resize("20m")
        assert.strictEqual((yield* crawl).code, 0)
      })
    )
  }
)

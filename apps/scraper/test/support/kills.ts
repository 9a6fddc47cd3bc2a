/** Crawls a site with the real program, which is killed again and again, and holds the rows to the truth. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { run, start, temporaryDirectory } from "./program.ts"
import { serveLarge } from "./largeSite.ts"
import { readWarc } from "./warc.ts"

interface Killed {
  /** Requests that the site saw, beyond one for each page and robots.txt. */
  readonly again: number
  /** Milliseconds from the start of each life after the first to its first request. */
  readonly resumes: ReadonlyArray<number>
}

/** The whole acceptance check but its limit of time. `random` decides about the moments. */
export const crawlWithKills = Effect.fnUntraced(function* (options: {
  readonly pages: number
  readonly kills: number
  readonly random: () => number
  /** Whether answers are kept in a WARC, which is held to the truth too. */
  readonly archive?: boolean
}) {
  const site = yield* serveLarge(options.pages)
  const directory = yield* temporaryDirectory
  const out = join(directory, "pages.jsonl")
  const job = join(directory, "job")
  const flags = ["--allow-private", "--per-host", "8", "--depth", "100"]
  if (options.archive === true) flags.push("--save-body", "warc")
  const args = ["crawl", site.origin, "-o", out, "--job", job, ...flags]
  const resumes: Array<number> = []

  for (let kill = 0; kill < options.kills; kill++) {
    const startedAt = performance.now()
    const running = yield* start(...args)
    site.after(1, () => {
      if (kill > 0) resumes.push(performance.now() - startedAt)
      // The last life but one dies at its end, or is over by then.
      const more = 1 + Math.floor(options.random() * ((1.6 * options.pages) / options.kills))
      site.after(more, () => running.kill("SIGKILL"))
    })
    yield* Effect.promise(() => running.ended)
  }
  const last = yield* run(...args)
  assert.strictEqual(last.code, 0, last.stderr)

  const text = readFileSync(out, "utf8")
  assert.isTrue(text.endsWith("\n"), "the last row is whole")
  const rows = text.split("\n").slice(0, -1)
  const found = rows.map((line) => String(JSON.parse(line).url))
  assert.strictEqual(found.length, new Set(found).size, "no row is there twice")
  assert.deepStrictEqual(found.toSorted(), site.urls.toSorted())
  if (options.archive === true) {
    const records = readWarc(join(directory, "pages.warc.gz"))
    const kept = records.flatMap(({ fields }) => fields["WARC-Target-URI"] ?? [])
    assert.deepStrictEqual(kept.toSorted(), site.urls.toSorted())
  }
  const { length } = site.urls
  assert.include(
    last.stderr,
    `discovered ${length} = done ${length} + failed 0 + skipped 0 + left 0`
  )
  const again = site.log.filter((path) => path !== "/robots.txt").length - length
  return { again, resumes } satisfies Killed
})

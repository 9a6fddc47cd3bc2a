import { rmSync, statSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { finishedJob, runningJob } from "./support/jobs.ts"
import { run, start, temporaryDirectory } from "./support/program.ts"

const lines = (text: string) => text.trimEnd().split("\n")

/** Asks until the last commit is as expected: a commit comes a tenth of a second after its pages. */
const statusOf = Effect.fnUntraced(function* (job: string, done: number) {
  while (true) {
    const { stdout } = yield* run("status", job, "--json")
    const found = JSON.parse(stdout)
    if (found.done >= done) return found
  }
})

describe("scraper status", () => {
  it.live("SCR50: a job is found by its file or directory, and told of", () =>
    Effect.gen(function* () {
      const { origin, out } = yield* finishedJob
      const { code, stderr, stdout } = yield* run("status", out)
      assert.deepStrictEqual([code, stderr], [0, ""])
      const told = lines(stdout)
      const bytes = statSync(out).size
      assert.strictEqual(told[0], `${out}.job: finished`)
      assert.match(told[1]!, /^command: scraper crawl http.* -o /)
      assert.strictEqual(told[2], "discovered 5 = done 3 + failed 1 + skipped 1 + left 0")
      assert.match(told[4]!, /^\d+\.\d pages\/s in the last minute \| last page \d+\.\d s ago, at /)
      assert.deepStrictEqual(told.slice(5), [
        "failed: status 404 1",
        "skipped: robots 1",
        `output: ${out}, ${bytes} B committed`,
        "hosts: 1",
        `- ${origin}: left 0, done 3, failed 1; as fast as it answers`
      ])
      const json = JSON.parse((yield* run("status", `${out}.job`, "--json", "--hosts", "0")).stdout)
      assert.deepStrictEqual(
        [json.condition, json.pid, json.discovered, json.failedBy, json.hosts, json.hostsInAll],
        ["finished", null, 5, { "status 404": 1 }, [], 1]
      )
      assert.deepStrictEqual(json.committed, { "out.jsonl": { bytes, rows: 3 } })
    })
  )

  it.live("SCR50, SCR51: a crawl is running, then killed, and --watch ends with it", () =>
    Effect.gen(function* () {
      const { out, running } = yield* runningJob
      const found = yield* statusOf(out, 2)
      assert.deepStrictEqual(
        [found.condition, found.pid, found.rows, found.left],
        ["running", running.pid, 2, 1]
      )
      const watching = yield* start("status", out, "--watch", "--json")
      yield* Effect.callback<void>((resume) => {
        watching.stdout.once("data", () => resume(Effect.void))
      })
      running.kill("SIGKILL")
      const watched = yield* Effect.promise(() => watching.ended)
      assert.strictEqual(watched.code, 0, watched.stderr)
      const conditions = lines(watched.stdout).map((line) => JSON.parse(line).condition)
      assert.deepStrictEqual([conditions[0], conditions.at(-1)], ["running", "killed"])
      assert.include((yield* run("status", out)).stdout, "killed; nothing is lost")
    })
  )

  it.live("SCR50: a crawl that was stopped says what is left", () =>
    Effect.gen(function* () {
      const { out, running } = yield* runningJob
      running.kill("SIGINT")
      yield* Effect.promise(() => running.ended)
      assert.include((yield* run("status", out)).stdout, "stopped with 1 URLs left")
    })
  )

  it.live("SCR84: an account that is not that of the URLs is told of, and exits 8", () =>
    Effect.gen(function* () {
      const { origin, out } = yield* finishedJob
      const database = new DatabaseSync(`${out}.job/crawl.sqlite`)
      const { value } = database.prepare("SELECT value FROM state WHERE name = 'account'").get()!
      const sums = JSON.parse(String(value))
      const changed = JSON.stringify({ ...sums, done: sums.done + 2, failed: 0 })
      database.prepare("UPDATE state SET value = ? WHERE name = 'account'").run(changed)
      database.close()
      const line =
        "scraper: the account of the job is not that of its URLs: done 5, where there are 3;" +
        " failed 0, where there are 1; left -1, where there are 0\n"
      const text = yield* run("status", out)
      assert.deepStrictEqual([text.code, text.stderr], [8, line])
      const json = yield* run("status", out, "--json")
      assert.deepStrictEqual([json.code, json.stderr], [8, line])
      assert.deepStrictEqual(JSON.parse(json.stdout).differences, [
        { sum: "done", account: 5, found: 3 },
        { sum: "failed", account: 0, found: 1 },
        { sum: "left", account: -1, found: 0 }
      ])
      const crawl = yield* run("crawl", `${origin}/`, "-o", out, "--allow-private")
      assert.strictEqual(crawl.code, 8)
      assert.isTrue(crawl.stderr.endsWith(line), crawl.stderr)
    })
  )

  it.live("SCR56: what is no job, or one of another version, is one line and exit 3", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const ask = (job: string) => run("status", job)
      const missing = yield* ask(directory)
      assert.strictEqual(missing.code, 3)
      assert.strictEqual(
        missing.stderr,
        `scraper: there is no job in ${directory}, and none in ${directory}.job\n`
      )
      const { out } = yield* finishedJob
      const path = `${out}.job/crawl.sqlite`
      const database = new DatabaseSync(path)
      database.exec("PRAGMA user_version = 99")
      database.close()
      const other = yield* ask(out)
      assert.strictEqual(other.code, 3)
      assert.match(other.stderr, /^scraper: the job .*: it is of version 99, .*\n$/)
      rmSync(path)
      assert.strictEqual((yield* ask(out)).code, 3)
    })
  )

  it.live("SCR57: stop, resume, retry and why take the file of the rows, too", () =>
    Effect.gen(function* () {
      const { origin, out, running } = yield* runningJob
      const stopped = yield* run("stop", out)
      assert.deepStrictEqual([stopped.code, stopped.stdout], [0, ""])
      assert.strictEqual(
        stopped.stderr,
        `process ${running.pid} has stopped; "scraper resume ${out}" goes on\n`
      )
      assert.strictEqual((yield* Effect.promise(() => running.ended)).code, 143)
      assert.strictEqual((yield* run("stop", out)).stderr, `nobody works on ${out}\n`)
      const [why, retry] = [yield* run("why", out, `${origin}/a`), yield* run("retry", out)]
      assert.include(why.stdout, `${origin}/a: done`)
      assert.deepStrictEqual([retry.code, retry.stderr], [0, "0 pages are queued again\n"])
      const finished = yield* finishedJob
      const resumed = yield* run("resume", finished.out)
      assert.include(resumed.stderr, "discovered 5 = done 3 + failed 1 + skipped 1 + left 0")
    })
  )
})

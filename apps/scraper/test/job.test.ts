import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { pages, run, serve, start, temporaryDirectory } from "./support/program.ts"

const rowsIn = (path: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const pathsIn = (path: string, origin: string) =>
  rowsIn(path)
    .map(({ url }) => String(url).slice(origin.length))
    .toSorted()

const setup = Effect.gen(function* () {
  const directory = yield* temporaryDirectory
  const [out, job] = [join(directory, "out.jsonl"), join(directory, "job")]
  const crawl = (...args: ReadonlyArray<string>) =>
    run("crawl", ...args, "-o", out, "--job", job, "--allow-private")
  return { crawl, directory, job, out }
})

/** A server whose pages can be changed while it runs, and that tells what it was asked for. */
const changing = Effect.fnUntraced(function* (first: Parameters<typeof pages>[0]) {
  const site = { pages: first, log: [] as Array<string> }
  const origin = yield* serve((request, response) => {
    site.log.push(request.url!)
    pages(site.pages)(request, response)
  })
  return { origin, site }
})

describe.concurrent("scraper with a job", () => {
  it.live("SCR21, SCR90: a job that is done is not crawled again, and -O starts from nothing", () =>
    Effect.gen(function* () {
      const { crawl, job, out } = yield* setup
      const { origin, site } = yield* changing({ "/": "<a href=a>", "/a": "" })
      const once = yield* crawl(origin)
      assert.strictEqual(once.code, 0)
      assert.notInclude(once.stderr, "other fields")
      const asked = site.log.length
      const again = yield* crawl(origin, "--select", "price=b")
      assert.strictEqual(again.code, 0)
      assert.include(again.stderr, "rows have other fields from here on: --select was none")
      assert.include(again.stderr, "the job is done already")
      assert.include(again.stderr, "discovered 2 = done 2 + failed 0 + skipped 0 + left 0")
      assert.strictEqual(site.log.length, asked)
      site.pages = { "/": "<a href=b>", "/b": "" }
      const afresh = yield* run("crawl", origin, "-O", out, "--job", job, "--allow-private")
      assert.strictEqual(afresh.code, 0, afresh.stderr)
      assert.deepStrictEqual(pathsIn(out, origin), ["/", "/b"])
    })
  )

  it.live("SCR21: a file that is behind links has one job, also before it is there", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const [real, link] = [join(directory, "real"), join(directory, "link")]
      mkdirSync(real)
      symlinkSync(real, link)
      symlinkSync("later.jsonl", join(real, "dangling.jsonl"))
      symlinkSync("loop.jsonl", join(real, "loop.jsonl"))
      const origin = yield* serve(pages({ "/": "<a href=a><a href=b>", "/a": "", "/b": "" }))
      const crawl = (out: string, ...flags: ReadonlyArray<string>) =>
        crawlHere(origin, "-o", out, "--allow-private", ...flags)
      for (const [name, file] of [
        ["link/plain.jsonl", "real/plain.jsonl"],
        ["real/dangling.jsonl", "real/later.jsonl"]
      ] as const) {
        assert.strictEqual((yield* crawl(join(directory, name), "--max-pages", "1")).code, 9)
        const again = yield* crawl(join(directory, name))
        assert.deepStrictEqual(again, { code: 0, reason: "" })
        assert.deepStrictEqual(pathsIn(join(directory, file), origin), ["/", "/a", "/b"])
        assert.isTrue(existsSync(`${join(directory, file)}.job`))
      }
      assert.strictEqual((yield* crawl(join(real, "loop.jsonl"))).code, 3)
    })
  )

  it.live("SCR22: a job belongs to one output, and a second process on it exits 75", () =>
    Effect.gen(function* () {
      const { crawl, directory, job, out } = yield* setup
      const halted = yield* Deferred.make<void>()
      const origin = yield* serve((request, response) => {
        if (request.url === "/robots.txt") response.end()
        else if (request.url === "/") response.end("<a href=never>")
        else Deferred.doneUnsafe(halted, Effect.void)
      })
      const running = yield* start("crawl", origin, "-o", out, "--job", job, "--allow-private")
      yield* Deferred.await(halted)
      const second = yield* crawl(origin)
      assert.strictEqual(second.code, 75)
      assert.include(second.stderr, `process ${running.pid}`)
      const ended = yield* run("stop", job)
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.strictEqual((yield* Effect.promise(() => running.ended)).code, 143)
      const other = join(directory, "other.jsonl")
      const elsewhere = yield* run("crawl", origin, "-o", other, "--job", job, "--allow-private")
      assert.strictEqual(elsewhere.code, 2)
      assert.include(elsewhere.stderr, out)
      assert.isFalse(existsSync(other))
    })
  )

  it.live("SCR22: a job of another version is not touched, and exits 3", () =>
    Effect.gen(function* () {
      const { crawl, job } = yield* setup
      const origin = yield* serve(pages({ "/": "" }))
      assert.strictEqual((yield* crawl(origin)).code, 0)
      const database = new DatabaseSync(join(job, "crawl.sqlite"))
      database.exec("PRAGMA user_version = 99")
      database.close()
      for (const ended of [yield* crawl(origin), yield* run("why", job, origin)]) {
        assert.strictEqual(ended.code, 3)
        assert.include(ended.stderr, "it is of version 99")
      }
      const missing = yield* run("retry", join(job, "nothing"))
      assert.strictEqual(missing.code, 3)
      assert.isFalse(existsSync(join(job, "nothing")))
    })
  )

  it.live(
    "SCR23: resume goes on with the flags that the job was made with, where it was made",
    () =>
      Effect.gen(function* () {
        const { job, out } = yield* setup
        const list = Array.from({ length: 9 }, (_, index) => `<a href="/${index}">`).join("")
        const numbered = Object.fromEntries(
          Array.from({ length: 9 }, (_, index) => [`/${index}`, ""])
        )
        const origin = yield* serve(pages({ "/": list, ...numbered }))
        const limits = ["--allow-private", "--max-pages", "4", "--select", "x=h1"]
        const first = yield* run("crawl", origin, "-O", out, "--job", job, ...limits)
        assert.strictEqual(first.code, 9)
        const second = yield* run("resume", job)
        assert.strictEqual(second.code, 9, second.stderr)
        assert.strictEqual(rowsIn(out).length, 4)
        const rest = ["--allow-private", "--select", "x=h1"]
        assert.strictEqual((yield* run("crawl", origin, "-o", out, "--job", job, ...rest)).code, 0)
        assert.strictEqual((yield* run("resume", job)).code, 0)
        assert.strictEqual(new Set(pathsIn(out, origin)).size, 10)
        assert.isTrue(rowsIn(out).every((row) => row["x"] === null))
      })
  )

  it.live("SCR24: retry queues the failed pages again, those with a status alone if told so", () =>
    Effect.gen(function* () {
      const { crawl, job, out } = yield* setup
      let isBroken = true
      const origin = yield* serve((request, response) => {
        const status =
          request.url === "/gone" ? 404 : request.url === "/ill" && isBroken ? 503 : 200
        const body = request.url === "/" ? "<a href=ill><a href=gone>" : ""
        response.writeHead(status, { "content-type": "text/html" }).end(body)
      })
      const first = yield* crawl(origin, "--retries", "0")
      assert.strictEqual(first.code, 8)
      isBroken = false
      const none = yield* run("retry", job, "--code", "500")
      assert.strictEqual(
        none.stderr,
        "0 pages are queued again; the job has status 503, status 404\n"
      )
      const some = yield* run("retry", job, "--code", "5xx")
      assert.include(some.stderr, "1 page is queued again (status 503 1); ")
      const second = yield* run("resume", job)
      assert.strictEqual(second.code, 8)
      assert.include(second.stderr, "discovered 3 = done 2 + failed 1 + skipped 0 + left 0")
      assert.deepStrictEqual(pathsIn(out, origin), ["/", "/ill"])
    })
  )

  it.live("SCR25: why tells what was decided about a URL, and by which rule", () =>
    Effect.gen(function* () {
      const { crawl, job } = yield* setup
      const origin = yield* serve((request, response) => {
        const bodies: Record<string, string> = {
          "/robots.txt": "User-agent: *\nDisallow: /private",
          "/": "<a href=ok><a href=old><a href=gone><a href=private/x><a href=//else.invalid/><a href=no.pdf>"
        }
        if (request.url === "/old") return void response.writeHead(301, { location: "/ok" }).end()
        const status = request.url === "/gone" ? 404 : 200
        response.writeHead(status, { "content-type": "text/html" }).end(bodies[request.url!] ?? "")
      })
      const ended = yield* crawl(origin, "--exclude", "\\.pdf$")
      assert.strictEqual(ended.code, 8)
      const why = (path: string) =>
        Effect.map(run("why", job, new URL(path, origin).href), ({ code, stdout }) => {
          assert.strictEqual(code, path === "/unknown" ? 8 : 0)
          return stdout
        })
      assert.include(yield* why("/ok"), "done")
      assert.include(yield* why("/ok"), `found on: ${origin}/ (depth 1)`)
      assert.include(yield* why("/old"), 'skipped by the rule "redirected"')
      assert.include(yield* why("/old"), `to ${origin}/ok`)
      assert.include(yield* why("/gone"), "failed: status 404")
      assert.include(yield* why("/private/x"), 'skipped by the rule "robots"')
      assert.include(yield* why("/private/x"), "line 2 of robots.txt: Disallow: /private")
      assert.include(yield* why("http://else.invalid/"), 'skipped by the rule "other host"')
      assert.include(yield* why("/no.pdf"), 'skipped by the rule "excluded"')
      assert.include(yield* why("/unknown"), "never found")
      const { stdout } = yield* run("why", job, `${origin}/gone`, "--json")
      const { decision } = JSON.parse(stdout)
      assert.deepStrictEqual([decision.state, decision.status], ["failed", 404])
    })
  )

  it.live("SCR26: revisit asks with what it knows, and writes a row for what has changed", () =>
    Effect.gen(function* () {
      const { crawl, out } = yield* setup
      const total = 30
      const versions = Array.from({ length: total }, () => 1)
      const statuses: Array<number> = []
      let bytes = 0
      const origin = yield* serve((request, response) => {
        if (request.url === "/robots.txt") return void response.end()
        const index = Number(request.url!.slice(1))
        const etag = `"${index}-${versions[index]}"`
        // Every third page has no validators, and is told by its content.
        const headers = { "content-type": "text/html", ...(index % 3 === 0 ? {} : { etag }) }
        const isKnown = index % 3 !== 0 && request.headers["if-none-match"] === etag
        const list = versions.map((_, other) => `<a href="/${other}">`).join("")
        const body = isKnown ? "" : `<title>${index} v${versions[index]}</title>${list}`
        statuses.push(isKnown ? 304 : 200)
        bytes += body.length
        response.writeHead(isKnown ? 304 : 200, headers).end(body)
      })
      assert.strictEqual((yield* crawl(`${origin}/0`)).code, 0)
      const before = readFileSync(out, "utf8")
      assert.strictEqual(rowsIn(out).length, total)
      const same = yield* crawl(`${origin}/0`, "--revisit")
      assert.strictEqual(same.code, 0, same.stderr)
      assert.strictEqual(readFileSync(out, "utf8"), before)
      assert.deepStrictEqual(
        [200, 304].map((status) => statuses.slice(total).filter((one) => one === status).length),
        [10, 20]
      )
      for (const index of [0, 1, 2, 3, 4, 5, 6]) versions[index] = 2
      bytes = 0
      const changed = yield* crawl(`${origin}/0`, "--revisit")
      assert.strictEqual(changed.code, 0)
      assert.deepStrictEqual(
        rowsIn(out)
          .slice(total)
          .map(({ title }) => title)
          .toSorted(),
        [0, 1, 2, 3, 4, 5, 6].map((index) => `${index} v2`)
      )
      assert.include(changed.stderr, "unchanged 23")
    })
  )

  it.live("SCR27: seeds come from a file, and one that is no URL is told of with its line", () =>
    Effect.gen(function* () {
      const { crawl, directory, out } = yield* setup
      const origin = yield* serve(pages({ "/a": "", "/b": "" }))
      const seeds = join(directory, "seeds.txt")
      writeFileSync(seeds, `# mine\n${origin}/a\r\n\n ${origin}/b \n`)
      assert.strictEqual((yield* crawl("--seeds", seeds)).code, 0)
      assert.deepStrictEqual(pathsIn(out, origin), ["/a", "/b"])
      writeFileSync(seeds, `${origin}/a\nnot a url\n`)
      const wrong = yield* crawl("--seeds", seeds)
      assert.strictEqual(wrong.code, 2)
      assert.include(wrong.stderr, "line 2")
      const missing = yield* crawl("--seeds", join(directory, "nothing"))
      assert.strictEqual(missing.code, 3)
      assert.strictEqual(missing.stderr.trimEnd().split("\n").length, 1)
    })
  )

  it.live("SCR85: an output or a job that is removed while it runs exits 3", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const out = join(directory, "out.jsonl")
      const site = pages({ "/": "<a href=a>", "/a": "" })
      for (const removed of [out, `${out}.job`]) {
        const origin = yield* serve((request, response) => {
          // That it was found means that the first page is committed.
          if (request.url === "/a") rmSync(removed, { recursive: true })
          site(request, response)
        })
        const ended = yield* crawlHere(origin, "-O", out, "--allow-private")
        assert.strictEqual(ended.code, 3)
        assert.include(ended.reason, removed)
      }
    })
  )
})

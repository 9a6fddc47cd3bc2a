import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { crawlHere } from "./support/here.ts"
import { pages, run, runOnTerminal, serve, start, temporaryDirectory } from "./support/program.ts"

const shop = pages({
  "/": '<title>Home</title><a href="a.html">A</a><a href="/b.html#x">B</a>',
  "/a.html": "<title>A</title><h1>First</h1><p class=price>£1</p><i>x</i><i>y</i>",
  "/b.html": '<title>B</title><a href="a.html?utm_source=b">again</a>'
})
const rowsIn = (path: string): ReadonlyArray<Record<string, unknown>> => {
  const text = readFileSync(path, "utf8")
  assert.isTrue(text === "" || text.endsWith("\n"), "the last line is whole")
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}
const output = Effect.map(temporaryDirectory, (directory) => join(directory, "out.jsonl"))
const reasonIn = (stderr: string) => stderr.trimEnd().split("\n").at(-1)!

describe.concurrent("scraper", () => {
  it.live("SCR1, SCR2: a site becomes rows, and the summary adds up", () =>
    Effect.gen(function* () {
      const [origin, out] = [yield* serve(shop), yield* output]
      const select = ["--select", "price=.price", "--select", "marks[]=i", "--select", "to=a@href"]
      const ended = yield* run("crawl", origin, "-o", out, "--allow-private", ...select)
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.strictEqual(ended.stdout, "")
      const empty = { price: null, marks: [], to: null }
      assert.deepStrictEqual(
        rowsIn(out).toSorted((a, b) => (String(a["url"]) < String(b["url"]) ? -1 : 1)),
        [
          { url: `${origin}/`, status: 200, depth: 0, title: "Home", ...empty, to: "a.html" },
          {
            url: `${origin}/a.html`,
            status: 200,
            depth: 1,
            title: "A",
            price: "£1",
            marks: ["x", "y"],
            to: null
          },
          {
            url: `${origin}/b.html`,
            status: 200,
            depth: 1,
            title: "B",
            ...empty,
            to: "a.html?utm_source=b"
          }
        ]
      )
      assert.include(ended.stderr, "discovered 3 = done 3 + failed 0 + skipped 0 + left 0")
      assert.include(ended.stderr, `3 rows in ${out} (`)
    })
  )

  it.live("SCR2: with --json the summary is JSON on stdout and stderr is quiet", () =>
    Effect.gen(function* () {
      const [origin, out] = [yield* serve(shop), yield* output]
      const ended = yield* run("crawl", `${origin}/`, "-o", out, "--allow-private", "--json")
      assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
      const events = ended.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
      const { discovered, done, event, failed, left, rows, skipped } = events.at(-1)
      assert.deepStrictEqual([event, rows, done], ["summary", 3, 3])
      assert.strictEqual(discovered, done + failed + skipped + left)
    })
  )

  it.live("SCR18: with -o - rows go to stdout, and JSON events to stderr", () =>
    Effect.gen(function* () {
      const origin = yield* serve(shop)
      const ended = yield* run("crawl", origin, "-o", "-", "--allow-private", "--json")
      assert.strictEqual(ended.code, 0)
      const rows = ended.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
      assert.deepStrictEqual(rows.map(({ title }) => title).toSorted(), ["A", "B", "Home"])
      const summary = JSON.parse(ended.stderr.trimEnd().split("\n").at(-1)!)
      assert.deepStrictEqual([summary.event, summary.rows, summary.done], ["summary", 3, 3])
    })
  )

  it.live("SCR18: a reader of stdout that goes away ends the crawl", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 500 }, (_, index) => `<a href="/${index}">`).join("")
      const origin = yield* serve((request, response) =>
        response.end(request.url === "/robots.txt" ? "" : `<title>x</title>${many}`)
      )
      const running = yield* start("crawl", origin, "-o", "-", "--allow-private")
      yield* Effect.callback<void>((resume) => {
        running.stdout.once("data", () => {
          running.stdout.destroy()
          resume(Effect.void)
        })
      })
      const ended = yield* Effect.promise(() => running.ended)
      assert.strictEqual(ended.code, 141)
      assert.match(ended.stderr, /discovered 501 = done \d+ \+ failed 0 \+ skipped 0 \+ left \d+/)
    })
  )

  it.live("SCR3: --require keeps only the rows that have the field", () =>
    Effect.gen(function* () {
      const [origin, out] = [yield* serve(shop), yield* output]
      const select = ["--select", "title=h1", "--select", "price=.price", "--require", "price"]
      const ended = yield* run("crawl", origin, "-o", out, "--allow-private", ...select)
      assert.strictEqual(ended.code, 0)
      const row = { url: `${origin}/a.html`, status: 200, depth: 1, title: "First", price: "£1" }
      assert.deepStrictEqual(rowsIn(out), [row])
    })
  )

  it.live.each([
    [["crawl"], "Missing required argument: url"],
    [["crawl", "http://x.example", "-o", "f", "--nope"], "Unrecognized flag: --nope"],
    [["fly"], "fly"]
  ] as const)("SCR4: %j is wrong usage", ([args, reason]) =>
    Effect.gen(function* () {
      const ended = yield* run(...args)
      assert.strictEqual(ended.code, 2)
      assert.strictEqual(ended.stderr.trimEnd().split("\n").length, 1, ended.stderr)
      assert.include(ended.stderr, reason)
    })
  )

  it.live.each([
    [["http://x.example"], "Missing required flag: --output"],
    [["shop.example", "-o", "f"], '"shop.example" is not a URL'],
    [["ftp://shop.example", "-o", "f"], "is not http or https"],
    [["http://ada:secret@shop.example", "-o", "f"], "in a URL of shop.example are not sent"],
    [["http://x.example", "-o", "f", "--concurrency", "0"], "a whole number from 1"],
    [["http://x.example", "-o", "f", "--delay", "soon"], "a time such as"],
    [["http://x.example", "-o", "f", "--select", "price"], "is not a selector"],
    [["http://x.example", "-o", "f", "--select", "url=a"], "every row has that already"],
    [["http://x.example", "-o", "f", "--require", "price"], "names no field"],
    [["http://x.example", "-o", "f", "--select", "a=b", "--select", "a=c"], "twice"],
    [["http://x.example", "-o", "f.csv"], 'make others of it with "scraper export"']
  ] as const)("SCR4: crawl %j is wrong usage", ([args, reason]) =>
    Effect.gen(function* () {
      const ended = yield* crawlHere(...args)
      assert.strictEqual(ended.code, 2)
      assert.notInclude(ended.reason, "\n")
      assert.include(ended.reason, reason)
    })
  )

  it.live("SCR5: an output that cannot be written is found out before the first request", () =>
    Effect.gen(function* () {
      let hits = 0
      const origin = yield* serve((_, response) => {
        hits += 1
        response.end()
      })
      for (const out of ["/nowhere/out.jsonl", "/proc/out.jsonl", yield* temporaryDirectory]) {
        const ended = yield* run("crawl", origin, "-o", out, "--allow-private")
        assert.strictEqual(ended.code, 3)
        assert.strictEqual(ended.stderr.trimEnd().split("\n").length, 1, ended.stderr)
        assert.include(ended.stderr, out)
      }
      assert.strictEqual(hits, 0)
    })
  )

  it.live("SCR5: a disk that fills up exits 3", () =>
    Effect.gen(function* () {
      const origin = yield* serve(shop)
      const ended = yield* run("crawl", origin, "-o", "/dev/full", "--allow-private")
      assert.strictEqual(ended.code, 3)
      assert.include(reasonIn(ended.stderr), "ENOSPC")
      assert.notInclude(ended.stderr, "    at ")
    })
  )

  it.live("SCR6, SCR13: an unreachable host exits 4 and leaves an old output alone", () =>
    Effect.gen(function* () {
      const out = yield* output
      writeFileSync(out, '{"old":true}\n')
      const args = ["crawl", "http://127.0.0.1:1/", "-o", out, "--allow-private"]
      const ended = yield* run(...args)
      assert.strictEqual(ended.code, 4)
      assert.include(reasonIn(ended.stderr), "connection refused")
      assert.notInclude(ended.stderr, "    at ")
      assert.deepStrictEqual(rowsIn(out), [{ old: true }])
      assert.isFalse(existsSync(`${out}.partial`))
      const debug = yield* run(...args, "--log-level", "debug")
      assert.include(debug.stderr, "    at ")
    })
  )

  it.live("SCR6: a certificate that cannot be verified exits 5", () =>
    Effect.gen(function* () {
      const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url))
      const server = createServer({
        key: fixture("self-signed.key"),
        cert: fixture("self-signed.crt")
      })
      yield* Effect.callback<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const ended = yield* run("crawl", url, "-o", yield* output, "--allow-private")
      assert.strictEqual(ended.code, 5)
      assert.include(reasonIn(ended.stderr), "certificate refused")
    })
  )

  it.live("SCR7: loopback is refused without --allow-private", () =>
    Effect.gen(function* () {
      let hits = 0
      const origin = yield* serve((_, response) => {
        hits += 1
        response.end()
      })
      for (const url of [origin, origin.replace("127.0.0.1", "localhost")]) {
        const ended = yield* run("crawl", url, "-o", yield* output)
        assert.strictEqual(ended.code, 4)
        assert.include(reasonIn(ended.stderr), "--allow-private")
      }
      assert.strictEqual(hits, 0)
    })
  )

  it.live("SCR8: failed pages exit 8, unless their share is allowed", () =>
    Effect.gen(function* () {
      const origin = yield* serve(pages({ "/": "<a href=1>", "/1": "<a href=gone>", "/2": "" }))
      const args = ["crawl", origin, "-o", yield* output, "--allow-private"]
      const ended = yield* run(...args)
      assert.strictEqual(ended.code, 8)
      assert.include(ended.stderr, `${origin}/gone: status 404`)
      assert.include(reasonIn(ended.stderr), "1 page of 3 failed")
      assert.strictEqual((yield* run(...args, "--fail-over", "33%")).code, 8)
      assert.strictEqual((yield* run(...args, "--fail-over", "34%")).code, 0)
    })
  )

  it.live("SCR9: --max-pages exits 9 with exactly so many rows", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 50 }, (_, index) => `<a href="/${index}">`).join("")
      const origin = yield* serve((request, response) =>
        response.end(request.url === "/robots.txt" ? "" : `<title>x</title>${many}`)
      )
      const out = yield* output
      const ended = yield* run("crawl", origin, "-o", out, "--allow-private", "--max-pages", "7")
      assert.strictEqual(ended.code, 9)
      assert.strictEqual(rowsIn(out).length, 7)
      assert.include(reasonIn(ended.stderr), "44 URLs left")
    })
  )

  it.live("SCR10: a robots.txt that forbids everything exits 10", () =>
    Effect.gen(function* () {
      const hits: Array<string> = []
      const origin = yield* serve((request, response) => {
        hits.push(request.url!)
        response.end("User-agent: *\nDisallow: /")
      })
      const ended = yield* run("crawl", origin, "-o", yield* output, "--allow-private")
      assert.strictEqual(ended.code, 10)
      assert.include(reasonIn(ended.stderr), "robots.txt forbids")
      assert.deepStrictEqual(hits, ["/robots.txt"])
    })
  )

  /** A site whose page /never leaves the crawl waiting, once the other pages are in. */
  const halting = Effect.gen(function* () {
    const halted = yield* Deferred.make<void>()
    const origin = yield* serve((request, response) => {
      if (request.url === "/never") Deferred.doneUnsafe(halted, Effect.void)
      else shop(request, response)
    })
    return { halted: Deferred.await(halted), origin }
  })

  it.live.each([
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const)("SCR11: %s leaves a valid file and exits %d", ([signal, code]) =>
    Effect.gen(function* () {
      const [{ halted, origin }, out] = [yield* halting, yield* output]
      const seeds = [`${origin}/a.html`, `${origin}/never`]
      const args = ["-o", out, "--allow-private", "--per-host", "1"]
      const running = yield* start("crawl", ...seeds, ...args)
      yield* halted
      running.kill(signal)
      const ended = yield* Effect.promise(() => running.ended)
      assert.deepStrictEqual([ended.code, ended.signal], [code, null])
      assert.deepStrictEqual(
        rowsIn(out).map(({ url }) => url),
        [`${origin}/a.html`]
      )
      assert.include(ended.stderr, "discovered 2 = done 1 + failed 0 + skipped 0 + left 1")
    })
  )

  it.live("SCR11: a second Ctrl-C ends it at once, and the job goes on", () =>
    Effect.gen(function* () {
      const [asked, aborted] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let isSlow = true
      const origin = yield* serve((request, response) => {
        if (request.url === "/robots.txt") return void response.end()
        if (request.url !== "/never" || !isSlow) {
          return void response.end(`<a href=a>a</a><p>${"x".repeat(2_000_000)}`)
        }
        Deferred.doneUnsafe(asked, Effect.void)
        response.on("close", () => Deferred.doneUnsafe(aborted, Effect.void))
      })
      const job = yield* temporaryDirectory
      const args = ["-o", "-", "--job", job, "--allow-private", "--select", "text=p"]
      const running = yield* start("crawl", origin, `${origin}/never`, ...args)
      // A row that is being printed cannot be left, and nobody reads the rest of this one.
      yield* Effect.callback<void>((resume) => {
        running.stdout.once("data", () => {
          running.stdout.pause()
          resume(Effect.void)
        })
      })
      yield* Deferred.await(asked)
      running.kill("SIGINT")
      yield* Deferred.await(aborted)
      running.kill("SIGINT")
      while (existsSync(`/proc/${running.pid}`)) yield* Effect.sleep("10 millis")
      running.stdout.resume()
      const ended = yield* Effect.promise(() => running.ended)
      assert.strictEqual(ended.code, 130, ended.stderr)
      assert.include(ended.stderr, "by a second signal")
      isSlow = false
      const again = yield* run("crawl", origin, `${origin}/never`, ...args)
      assert.strictEqual(again.code, 0, again.stderr)
      assert.include(again.stderr, "discovered 3 = done 3 + failed 0 + skipped 0 + left 0")
    })
  )

  it.live("SCR12: a site that never answers ends at --timeout", () =>
    Effect.gen(function* () {
      const origin = yield* serve(() => {})
      const args = ["-o", yield* output, "--allow-private", "--timeout", "100ms"]
      const ended = yield* run("crawl", origin, ...args)
      assert.strictEqual(ended.code, 4)
      assert.include(reasonIn(ended.stderr), "timed out")
    })
  )

  it.live("SCR14: the program is one process", () =>
    Effect.gen(function* () {
      const { halted, origin } = yield* halting
      const args = ["-o", yield* output, "--allow-private"]
      const running = yield* start("crawl", `${origin}/never`, ...args)
      yield* halted
      const children = readFileSync(`/proc/${running.pid}/task/${running.pid}/children`, "utf8")
      assert.strictEqual(children.trim(), "")
      running.kill("SIGKILL")
      assert.strictEqual((yield* Effect.promise(() => running.ended)).signal, "SIGKILL")
    })
  )

  it.live("SCR15: control characters of a site do not reach the terminal", () =>
    Effect.gen(function* () {
      const origin = yield* serve((request, response) => {
        if (request.url === "/robots.txt") response.end()
        else response.writeHead(302, { location: "ftp://x/%1b[2J\u009b31m" }).end()
      })
      const ended = yield* run("crawl", origin, "-o", yield* output, "--allow-private")
      assert.strictEqual(ended.code, 8)
      // eslint-disable-next-line no-control-regex
      assert.notMatch(ended.stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    })
  )

  it.live("SCR16: --help states the defaults", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* run("crawl", "--help")
      assert.strictEqual(code, 0)
      for (const text of ["(default: 16)", "(default: 2)", "(default: 1s", "(default: 10)"]) {
        assert.include(stdout, text)
      }
    })
  )

  it.live("SCR17, SCR79: on a terminal the progress is drawn over itself, unless it is quiet", () =>
    Effect.gen(function* () {
      const slow = yield* serve((request, response) => {
        if (request.url === "/") response.end('<a href="/slow">')
        else setTimeout(() => response.end(""), request.url === "/slow" ? 700 : 0)
      })
      const args = ["crawl", slow, "-o", yield* output, "--allow-private"]
      const { code, text } = yield* runOnTerminal(...args)
      assert.strictEqual(code, 0, text)
      // eslint-disable-next-line no-control-regex
      assert.match(text, /done 1 \| rows 1 [^]*\x1b\[4A\x1b\[0J[^]*done 2 \| rows 2/)
      assert.match(text, /pages\/s \| .* \| p95 \d+ ms \| [^]*\n1 row committed in \//)
      const other = ["crawl", slow, "-o", yield* output, "--allow-private", "--quiet"]
      assert.deepStrictEqual(yield* runOnTerminal(...other), { code: 0, text: "" })
    })
  )
})

import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync
} from "node:fs"
import { basename, join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { WARCParser } from "warcio"
import { crawlHere } from "./support/here.ts"
import { run, serve, start, temporaryDirectory } from "./support/program.ts"
import { readWarc } from "./support/warc.ts"

const home = '<title>Home</title><a href="old"><a href="gone"><a href="zip"><a href="logo.png">'
const zipped = gzipSync("<title>Zip</title>")
const logo = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2])

// The bytes of a header as Node has them.
const utf8 = Buffer.from("ü").toString("latin1")

/** Pages, a redirect, an error, a compressed page and an image. */
const site = serve(({ url }, response) => {
  response.sendDate = false
  const html = ["Content-Type", "text/html"]
  if (url === "/") return response.writeHead(200, [...html, "X-Odd", utf8]).end(home)
  if (url === "/old") return response.writeHead(301, { Location: "/new" }).end()
  if (url === "/new") return response.writeHead(200, html).end("<title>New</title>")
  if (url === "/zip")
    return response.writeHead(200, [...html, "Content-Encoding", "gzip"]).end(zipped)
  if (url === "/logo.png") return response.writeHead(200, { "Content-Type": "image/png" }).end(logo)
  return response.writeHead(404, { "Content-Length": 2 }).end("no")
})

const crawlOf = (origin: string, out: string, ...flags: ReadonlyArray<string>) =>
  crawlHere(origin, "-o", out, "--allow-private", "--fail-over", "100%", ...flags)

describe.concurrent("scraper crawl --save-body", () => {
  it.live("SCR74: a WARC has each answer as it was sent, and other readers can read it", () =>
    Effect.gen(function* () {
      const [origin, directory] = [yield* site, yield* temporaryDirectory]
      const ended = yield* crawlOf(origin, join(directory, "out.jsonl"), "--save-body", "warc")
      assert.deepStrictEqual(ended, { code: 0, reason: "" })
      const path = join(directory, "out.warc.gz")
      const [info, ...records] = readWarc(path)
      assert.strictEqual(info!.fields["WARC-Type"], "warcinfo")
      assert.match(info!.block.toString(), /^software: fibra-scraper\/\d/)
      const found = Object.fromEntries(
        records.map(({ fields, head, payload }) => [
          fields["WARC-Target-URI"]!.slice(origin.length),
          { status: head[0], head: head.join("\n"), payload }
        ])
      )
      assert.strictEqual(records.length, 6)
      assert.deepStrictEqual(
        Object.entries(found)
          .map(([path, { status }]) => `${path} ${status}`)
          .toSorted(),
        [
          "/ HTTP/1.1 200 OK",
          "/gone HTTP/1.1 404 Not Found",
          "/logo.png HTTP/1.1 200 OK",
          "/new HTTP/1.1 200 OK",
          "/old HTTP/1.1 301 Moved Permanently",
          "/zip HTTP/1.1 200 OK"
        ]
      )
      assert.strictEqual(found["/"]!.payload.toString(), home)
      assert.include(found["/"]!.head, `\nX-Odd: ${utf8}\n`)
      assert.deepStrictEqual(found["/logo.png"]!.payload, logo)
      assert.deepStrictEqual(found["/zip"]!.payload, zipped)
      assert.include(found["/zip"]!.head, "\nContent-Encoding: gzip")
      assert.notMatch(found["/"]!.head, /^Transfer-Encoding/im)
      const types = yield* Effect.promise(async () => {
        const types: Array<string | null> = []
        for await (const record of new WARCParser([readFileSync(path)])) types.push(record.warcType)
        return types
      })
      assert.deepStrictEqual(types, ["warcinfo", ...Array(6).fill("response")])
    })
  )

  it.live("SCR74: an archive goes on at its last commit, and starts anew with -O", () =>
    Effect.gen(function* () {
      const [origin, directory] = [yield* site, yield* temporaryDirectory]
      const [out, path] = [join(directory, "out.jsonl"), join(directory, "out.warc.gz")]
      const flags = ["--save-body", "warc"]
      assert.strictEqual((yield* crawlOf(origin, out, ...flags, "--max-pages", "1")).code, 9)
      const committed = statSync(path).size
      // What a crash leaves behind: a record that no commit knows of, and a torn one.
      truncateSync(path, committed + 100)
      assert.strictEqual((yield* crawlOf(origin, out, ...flags)).code, 0)
      const urls = () => readWarc(path).flatMap(({ fields }) => fields["WARC-Target-URI"] ?? [])
      assert.strictEqual(new Set(urls()).size, 6)
      assert.strictEqual(urls().length, 6)
      const status = yield* run("status", out)
      assert.include(status.stdout, `\nanswers: ${path}\n`)
      const onto = yield* run("export", out, "-o", `${path}:csv`)
      assert.include(onto.stderr, "is the file that the crawl writes")
      const without = yield* crawlOf(origin, out)
      assert.strictEqual(without.code, 2)
      assert.include(without.reason, `keeps answers in ${path}`)
      const afresh = yield* crawlHere(origin, "-O", out, "--allow-private", ...flags)
      assert.strictEqual(afresh.code, 8)
      assert.strictEqual(urls().length, 6)
    })
  )

  it.live(
    "SCR75: with file the body of each page is a file by the hash of its url, and why names it",
    () =>
      Effect.gen(function* () {
        const [origin, directory] = [yield* site, yield* temporaryDirectory]
        const out = join(directory, "out.jsonl")
        assert.strictEqual((yield* crawlOf(origin, out, "--save-body", "file")).code, 0)
        const bodies = `${out}.job/bodies`
        const files = readdirSync(bodies, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString("latin1"))
        const expected = [home, "<title>New</title>", "<title>Zip</title>", logo.toString("latin1")]
        assert.deepStrictEqual(files.toSorted(), expected.toSorted())
        const { stdout } = yield* run("why", `${out}.job`, `${origin}/zip`)
        const path = /body: (.*)/.exec(stdout)![1]!
        assert.match(basename(path), /^[0-9a-f]{64}\.html$/)
        assert.strictEqual(readFileSync(path, "utf8"), "<title>Zip</title>")
      })
  )

  it.live("SCR75: what a kill left of an unfinished body is removed", () =>
    Effect.gen(function* () {
      const halted = yield* Deferred.make<void>()
      let isSlow = true
      const origin = yield* serve((request, response) => {
        if (request.url === "/slow" && isSlow) Deferred.doneUnsafe(halted, Effect.void)
        else response.writeHead(request.url === "/robots.txt" ? 404 : 200).end("<a href=slow>")
      })
      const out = join(yield* temporaryDirectory, "out.jsonl")
      const flags = ["--allow-private", "--save-body", "file"]
      const running = yield* start("crawl", origin, "-o", out, ...flags)
      yield* Deferred.await(halted)
      running.kill("SIGKILL")
      yield* Effect.promise(() => running.ended)
      const folder = join(`${out}.job/bodies`, readdirSync(`${out}.job/bodies`)[0]!)
      const unfinished = join(folder, `.${readdirSync(folder)[0]!}.0123abcd.tmp`)
      writeFileSync(unfinished, "<title>to")
      isSlow = false
      assert.strictEqual((yield* crawlHere(origin, "-o", out, ...flags)).code, 0)
      assert.isFalse(existsSync(unfinished))
      const files = readdirSync(`${out}.job/bodies`, { recursive: true }) as Array<string>
      assert.strictEqual(files.filter((name) => name.endsWith(".html")).length, 2)
    })
  )

  it.live.each([
    [["--save-body", "warc", "-o", "-"], "--save-body warc needs a file for the rows"],
    [["--save-body", "file", "-o", "-"], "--save-body file needs a --job DIR"],
    [["--save-body", "tar", "-o", "-"], "tar"]
  ] as const)("SCR4: %j is wrong usage", ([flags, reason]) =>
    Effect.gen(function* () {
      const ended = yield* crawlHere("http://127.0.0.1:1", ...flags)
      assert.strictEqual(ended.code, 2)
      assert.include(ended.reason, reason)
    })
  )
})

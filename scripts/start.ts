/**
 * `npm start`: serves the demo shop on 127.0.0.1, crawls it with the real scraper, and says what
 * came of it.
 *
 * The scraper is a process of its own, started as a person would start it.
 */
import { spawn } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import * as Site from "../apps/demo-site/src/Site.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const requestsPath = "out/requests.jsonl"

// Only books show a price. The shop has a broken page and a missing one on purpose.
const scraperFlags =
  "-O out/books.jsonl --job out/books.job --allow-private --retries 0" +
  " --select title=h1 --select price=.price --select stock=.stock --require price" +
  " --per-host 8 --fail-over 5%"

/** Runs the scraper and gives its exit code. It gets Ctrl-C from the terminal, as we do. */
const runScraper = (url: string): Effect.Effect<number> =>
  Effect.callback((resume) => {
    const args = ["crawl", url, ...scraperFlags.split(" ")]
    console.log(`$ scraper ${args.join(" ")}\n`)
    const bin = fileURLToPath(new URL("../apps/scraper/bin/main.mjs", import.meta.url))
    const child = spawn(process.execPath, [bin, ...args], { cwd: root, stdio: "inherit" })
    process.on("SIGINT", () => {})
    process.on("SIGTERM", () => child.kill("SIGTERM"))
    child.on("error", (error) => resume(Effect.die(error)))
    child.on("close", (code) => resume(Effect.succeed(code ?? 1)))
  })

const main = Effect.gen(function* () {
  process.chdir(root)
  mkdirSync("out", { recursive: true })
  rmSync(requestsPath, { force: true })
  // It may be of an earlier version of the program.
  rmSync("out/books.job", { recursive: true, force: true })
  const site = yield* Site.serve({ port: 0, books: 240, seed: 1, logPath: requestsPath })
  console.log(`A book shop is open on ${site.url} (some of its pages are broken, on purpose)`)

  const exitCode = yield* runScraper(site.url)
  const { activeMax, disallowedHits, repeated, requests } = yield* site.log.stats
  console.log(
    `\nThe shop counted ${requests} requests, at most ${activeMax} at a time: ` +
      `${disallowedHits} to forbidden pages, ${Object.keys(repeated).length} pages asked for twice.`
  )
  if (exitCode === 0) console.log("The books are in out/books.jsonl, one JSON object on each line.")
  return exitCode
})

process.exitCode = await Effect.runPromise(Effect.scoped(main))

/** Jobs that the real program has made, for those who look at them. */
import { join } from "node:path"
import { Deferred, Effect } from "effect"
import { pages, run, serve, start, temporaryDirectory } from "./program.ts"

const shop = pages({
  "/robots.txt": "User-agent: *\nDisallow: /private",
  "/": "<title>Home</title><a href=a>a</a><a href=b>b</a><a href=gone>x</a><a href=private>y</a>",
  "/a": '<title>=A "first", one</title><h1>£1</h1><i>x</i><i>y</i>',
  "/b": "<title>Bé</title><h1>-2</h1>"
})

const flags = ["--allow-private", "--select", "price=h1", "--select", "marks[]=i"]

/** A job that is finished: three rows, a page that failed, and one that was skipped. */
export const finishedJob = Effect.gen(function* () {
  const [origin, directory] = [yield* serve(shop), yield* temporaryDirectory]
  const out = join(directory, "out.jsonl")
  yield* run("crawl", `${origin}/`, "-o", out, ...flags)
  const rows = [
    { url: `${origin}/`, status: 200, depth: 0, title: "Home", price: null, marks: [] },
    {
      url: `${origin}/a`,
      status: 200,
      depth: 1,
      title: '=A "first", one',
      price: "£1",
      marks: ["x", "y"]
    },
    { url: `${origin}/b`, status: 200, depth: 1, title: "Bé", price: "-2", marks: [] }
  ]
  return { directory, origin, out, rows }
})

/** A crawl that runs, with two rows committed and a page that never answers. */
export const runningJob = Effect.gen(function* () {
  const halted = yield* Deferred.make<void>()
  const origin = yield* serve((request, response) => {
    if (request.url === "/never") Deferred.doneUnsafe(halted, Effect.void)
    else shop(request, response)
  })
  const out = join(yield* temporaryDirectory, "out.jsonl")
  const seeds = [`${origin}/a`, `${origin}/b`, `${origin}/never`]
  const running = yield* start("crawl", ...seeds, "-o", out, "--per-host", "1", ...flags)
  yield* Deferred.await(halted)
  return { origin, out, running }
})

/** Hosts that do harm, each with what a crawl keeps of it: how its page ends, and why. */
import { Effect } from "effect"
import { behaviours, serveHostileWith } from "../../../http/test/support/hostile.ts"

type End = readonly [state: "done" | "failed", reason: string | undefined]

const failed = (reason: string): End => ["failed", reason]
const done: End = ["done", undefined]

const causes: Readonly<Record<keyof typeof behaviours, End>> = {
  "/gigabyte-announced": failed("body too large"),
  "/gigabyte-unannounced": failed("body too large"),
  "/gigabyte-of-one-byte-chunks": failed("body too large"),
  "/gzip-bomb": failed("body too large"),
  "/gzip-bomb-in-bomb": failed("body too large"),
  "/many-encodings": failed("damaged body"),
  "/drip": failed("timed out"),
  "/silent": failed("timed out"),
  "/stalls": failed("timed out"),
  "/endless-headers": failed("headers too large"),
  "/endless-header-line": failed("headers too large"),
  "/dripping-headers": failed("timed out"),
  "/endless-interim": failed("timed out"),
  "/10k-cookies": failed("headers too large"),
  "/reset": failed("connection reset"),
  "/length-too-large": failed("connection reset"),
  "/length-too-small": done,
  "/length-negative": failed("not HTTP"),
  "/length-twice": failed("wrong content-length"),
  "/length-beyond-numbers": failed("wrong content-length"),
  "/bad-chunk": failed("not HTTP"),
  "/chunk-cut": failed("connection reset"),
  "/not-http": failed("not HTTP"),
  "/closes": failed("connection reset"),
  "/upgrades": failed("connection reset"),
  "/proto-header": done,
  "/1m-attributes": done,
  "/good": done
}

/** The same of a good page whose robots.txt does this. Of a long one the first 512 KiB hold. */
const robotsCauses = {
  "/gigabyte-unannounced": done,
  "/gzip-bomb": done,
  "/drip": failed("timed out"),
  "/stalls": failed("timed out"),
  "/endless-headers": failed("headers too large"),
  "/not-http": failed("not HTTP")
} as const satisfies Partial<typeof causes>

type Path = keyof typeof behaviours

export const paths = Object.keys(behaviours) as ReadonlyArray<Path>
const robotsPaths = Object.keys(robotsCauses) as ReadonlyArray<keyof typeof robotsCauses>

/** A host for each behaviour of `paths`, and one for each that a robots.txt may have. */
export const serveBadHosts = Effect.fnUntraced(function* (paths: ReadonlyArray<Path>) {
  const pages = yield* Effect.forEach(paths, (path) =>
    Effect.map(serveHostileWith(undefined), ({ url }) => ({
      does: path as string,
      url: url(path).href,
      end: causes[path]
    }))
  )
  const robots = yield* Effect.forEach(robotsPaths, (path) =>
    Effect.map(serveHostileWith(path), ({ url }) => ({
      does: `robots.txt: ${path}`,
      url: url("/good").href,
      end: robotsCauses[path]
    }))
  )
  return [...pages, ...robots]
})

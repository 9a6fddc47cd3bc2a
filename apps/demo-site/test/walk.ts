/**
 * A crawler of twenty lines, with expressions instead of a parser: enough for pages whose faults
 * are known, and independent of the crawler that the site is made for.
 */
import { Effect } from "effect"
import * as Links from "../src/Links.ts"
import * as Robots from "../src/Robots.ts"

export interface Visit {
  readonly path: string
  readonly status: number
  readonly text: string
  /** Canonical paths on this site that the page links or redirects to, allowed or not. */
  readonly targets: ReadonlyArray<string>
}

/** Visits every allowed page that is reachable from `/`, eight at a time. */
export const walk = Effect.fnUntraced(function* (url: string) {
  const visits = new Map<string, Visit>()
  let next: ReadonlyArray<string> = ["/"]
  while (next.length > 0) {
    const found = yield* Effect.forEach(next, (path) => visit(url, path), { concurrency: 8 })
    for (const visit of found) visits.set(visit.path, visit)
    next = [...new Set(found.flatMap(({ targets }) => targets))].filter(
      (path) => !visits.has(path) && Robots.isAllowed(path, "walk")
    )
  }
  return visits
})

const visit = (url: string, path: string) =>
  Effect.promise(async (): Promise<Visit> => {
    const response = await fetch(new URL(path, url), { redirect: "manual" })
    const type = response.headers.get("content-type") ?? ""
    const text = decode(new Uint8Array(await response.arrayBuffer()), type)
    const location = response.headers.get("location")
    const links = type.startsWith("text/html") && response.ok ? hrefs(text) : []
    const base = new URL(/<base href="([^"]*)"/.exec(text)?.[1] ?? path, new URL(path, url))
    return {
      path,
      status: response.status,
      text,
      targets: [...links.map((href) => target(href, base)), target(location, new URL(path, url))]
        .filter((target) => target?.origin === base.origin)
        .map((target) => Links.canonical(target!.pathname + target!.search))
    }
  })

const target = (href: string | null, base: URL) =>
  href === null || !URL.canParse(href, base.href) ? undefined : new URL(href, base)

const decode = (bytes: Uint8Array, type: string) => {
  const inMeta = /charset=([\w-]+)/.exec(Buffer.from(bytes.subarray(0, 1024)).toString("latin1"))
  const charset = /charset=([\w-]+)/.exec(type) ?? inMeta
  return new TextDecoder(charset?.[1] ?? "utf-8").decode(bytes)
}

const hrefs = (text: string) =>
  Array.from(
    withoutComments(text).matchAll(
      /<a\s[^>]*?href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))[^>]*>/gi
    ),
    ([, double, single, bare]) => unescape(double ?? single ?? bare ?? "")
  )

/** The three facts of a book, as a browser shows them. */
export const extract = ({ path, text }: Visit) => {
  const shown = withoutComments(text)
  const first = (expression: RegExp) =>
    unescape((expression.exec(shown)?.[1] ?? "").replaceAll(/<[^>]*>/g, "")).trim()
  return {
    path,
    title: first(/<h1[^>]*>(.*?)<\/h1>/is),
    price: first(/<p [^>]*class=["']?price[^>]*>([^<]*)/i),
    stock: first(/<p [^>]*class=["']?stock[^>]*>((?:<span>)?[^<]*)/i)
  }
}

const withoutComments = (text: string) => text.replaceAll(/<!--.*?-->|<script>.*?<\/script>/gs, "")

const unescape = (text: string) =>
  text
    .replaceAll(/&#x([\da-f]+);/gi, (_, digits) => String.fromCodePoint(Number(`0x${digits}`)))
    .replaceAll(/&#(\d+);/g, (_, digits) => String.fromCodePoint(Number(digits)))
    .replaceAll("&pound;", "£")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&")

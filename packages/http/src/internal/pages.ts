/** Where the pages of a list lead to, and when they must end. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"

export class PagesFailed extends Data.TaggedError("PagesFailed")<{
  readonly reason: "loop" | "tooMany" | "otherOrigin"
  /** The page that names the next one. */
  readonly url: string
  readonly next: string
}> {
  override get message(): string {
    switch (this.reason) {
      case "loop":
        return `${this.url} is followed by ${this.next}, which was read before`
      case "tooMany":
        return `${this.url} is followed by more pages than allowed: raise pagesMax`
      case "otherOrigin":
        return `${this.url} is followed by ${this.next}, which is not of this API`
    }
  }
}

const pagesMaxDefault = 10_000

export const make = (base: string, pagesMax = pagesMaxDefault) => {
  const read = new Set<string>()
  const failed = (reason: PagesFailed["reason"], url: string, next: string) =>
    Effect.fail(new PagesFailed({ reason, url, next }))
  return {
    /** The URL of the next page, once it is known to be one that may be read. */
    follow: (
      url: string,
      next: string | undefined
    ): Effect.Effect<Option.Option<string>, PagesFailed> => {
      read.add(url)
      if (next === undefined) return Effect.succeedNone
      const target = URL.parse(next, url)
      if (target === null || target.origin !== new URL(base).origin) {
        return failed("otherOrigin", url, next)
      }
      if (read.has(target.href)) return failed("loop", url, target.href)
      if (read.size >= pagesMax) return failed("tooMany", url, target.href)
      return Effect.succeedSome(target.href)
    }
  }
}

/** The target of the link with the relation "next" (RFC 8288). */
export const nextByLink = (_: unknown, { headers }: HttpClientResponse): string | undefined => {
  for (const [, target, parameters] of (headers["link"] ?? "").matchAll(link)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters!)
    if ((relations?.[1] ?? relations?.[2] ?? "").toLowerCase().split(/\s+/).includes("next")) {
      return target
    }
  }
  return undefined
}

// A comma is also a letter of URLs and of quoted parameters.
const link = /<([^>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/g

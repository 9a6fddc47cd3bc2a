import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as CanonicalUrl from "../src/CanonicalUrl.ts"
import { different, same } from "./support/urlPairs.ts"

const base = new URL("http://site.example/dir/page?q=1")
const keyOf = (link: string) => Result.getOrThrow(CanonicalUrl.fromLink(link, base)).key

/** What takes part in a rule, or looks as if it did. */
const oddParts = [
  "%",
  "2",
  "5",
  "e",
  "%25",
  "%2e",
  "%2F",
  "%41",
  "..",
  ".",
  "/",
  "//",
  "?",
  "&",
  "=",
  "#",
  ";",
  "\\",
  "+",
  " ",
  ";jsessionid=1",
  ";sid",
  "=a",
  "(S(abcdefgh))",
  "/(S(abcdefgh))/",
  "utm_source",
  "sid",
  "=0123456789abcdef",
  "PHPSESSID",
  "@",
  ":80",
  "é",
  "b",
  "A",
  "'",
  '"',
  "|",
  "%6Asessionid"
] as const

const isStable = (link: string, options: CanonicalUrl.Options) => {
  const found = CanonicalUrl.fromLink(link, base, options)
  if (Result.isFailure(found)) return
  const { key } = found.success
  const again = Result.getOrThrow(
    CanonicalUrl.fromLink(key, undefined, { ...options, lengthMax: 1e6 })
  )
  assert.strictEqual(again.key, key)
}

describe("CanonicalUrl", () => {
  it("URL1, URL2: the table has at least 200 pairs", () => {
    assert.isAtLeast(same.length, 100)
    assert.isAtLeast(different.length, 100)
  })

  it.each(same)("URL1: %s and %s are the same page", (a, b) => {
    assert.strictEqual(keyOf(a), keyOf(b))
    assert.strictEqual(keyOf(keyOf(a)), keyOf(a))
  })

  it.each(different)("URL2: %s and %s are different pages", (a, b) => {
    assert.notStrictEqual(keyOf(a), keyOf(b))
    assert.strictEqual(keyOf(keyOf(a)), keyOf(a))
  })

  it.each([
    ["other", "http://site.example/dir/other"],
    ["../up", "http://site.example/up"],
    ["/top", "http://site.example/top"],
    ["?q=2", "http://site.example/dir/page?q=2"],
    ["#here", "http://site.example/dir/page?q=1"],
    ["", "http://site.example/dir/page?q=1"],
    ["//else.example/x", "http://else.example/x"],
    ["a b", "http://site.example/dir/a%20b"]
  ])("URL3: the link %j leads to %s", (link, key) => {
    assert.strictEqual(keyOf(link), key)
  })

  it.prop(
    "URL4: the key of a key is that key, whatever the text",
    { path: Schema.String, query: Schema.String },
    ({ path, query }) => {
      isStable(`/${path}?${query}`, {})
      isStable(`/${path}?${query}`, { sortQuery: true })
    }
  )

  it.prop(
    "URL4: the key of a key is that key, also when its parts are odd ones",
    { parts: Schema.Array(Schema.Literals(oddParts)) },
    ({ parts }) => {
      isStable(`/${parts.join("")}`, {})
      isStable(`/${parts.join("")}`, { sortQuery: true, dropSessions: false })
    },
    { arbitrary: { runs: 2000, size: 12 } }
  )

  it.each([
    "/..;jsessionid=1/x",
    "//;jsessionid=1",
    "//other.example;jsessionid=1/x",
    "/a/.;sid=1",
    "/(S(abcdefgh))",
    "/(S(abcdefgh))/../..;jsessionid=1",
    "/;jsessionid=1;jsessionid=2",
    "/a;jse;jsessionid=1ssionid=2",
    "/%2525%%2541",
    "?utm%5Fsource=1&%26utm_source=2"
  ])("URL4: the key of the key of %s is that key", (link) => {
    isStable(link, {})
  })

  it("URL5: what is fetched is the link as written, without credentials and fragment", () => {
    const { url } = Result.getOrThrow(
      CanonicalUrl.fromLink("http://u:p@site.example/%7ea?utm_source=x&b#part")
    )
    assert.strictEqual(url.href, "http://site.example/%7ea?utm_source=x&b")
  })

  it.each([
    ["mailto:a@b.example", "not http or https"],
    ["javascript:void(0)", "not http or https"],
    ["data:text/html,x", "not http or https"],
    ["http://", "not a URL"],
    ["http://[::1", "not a URL"],
    [`http://site.example/${"a".repeat(2083)}`, "too long"]
  ])("URL6: %s is refused as %s", (link, reason) => {
    const refused = Result.getOrThrow(Result.flip(CanonicalUrl.fromLink(link, base)))
    assert.deepStrictEqual([refused.link, refused.reason], [link, reason])
  })

  it("URL6: the bound on the length can be set", () => {
    const refused = (lengthMax: number) =>
      Result.isFailure(CanonicalUrl.fromLink("http://s.example/12345", base, { lengthMax }))
    assert.deepStrictEqual([refused(21), refused(22)], [true, false])
  })

  it.each(CanonicalUrl.rules)("URL7: $about, and its option switches it", ({ example, option }) => {
    const [url, key] = example
    const keyWith = (on: boolean) => {
      const options = option === undefined ? {} : { [option]: on }
      return Result.getOrThrow(CanonicalUrl.fromLink(url, undefined, options)).key
    }
    assert.strictEqual(keyWith(true), key)
    if (option !== undefined) assert.notStrictEqual(keyWith(false), key)
    if (option !== undefined) {
      const plain = Result.getOrThrow(CanonicalUrl.fromLink(url)).key
      assert.strictEqual(plain, keyWith(CanonicalUrl.defaults[option] === true))
    }
  })

  it.each([
    [undefined, "http://site.example/dir/page?q=1"],
    ["/other/", "http://site.example/other/"],
    [" ../up/ ", "http://site.example/up/"],
    ["http://cdn.example/x/", "http://cdn.example/x/"],
    ["//cdn.example", "http://cdn.example/"],
    ["data:,", "http://site.example/dir/page?q=1"],
    ["javascript:0", "http://site.example/dir/page?q=1"],
    ["http://[", "http://site.example/dir/page?q=1"],
    ["", "http://site.example/dir/page?q=1"]
  ])("URL8: with <base href=%j> links resolve against %s", (href, expected) => {
    assert.strictEqual(CanonicalUrl.baseOf(base, href).href, expected)
  })
})

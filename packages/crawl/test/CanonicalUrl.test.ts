import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as CanonicalUrl from "../src/CanonicalUrl.ts"

const base = new URL("http://site.example/dir/page?q=1")
const keyOf = (link: string) => Result.getOrThrow(CanonicalUrl.fromLink(link, base)).key

describe("CanonicalUrl", () => {
  it.each([
    ["http://SITE.example:80/a", "http://site.example/a"],
    ["https://site.example:443/", "https://site.example"],
    ["http://user:secret@site.example/a", "http://site.example/a"],
    ["http://site.example/a#part", "http://site.example/a"],
    ["http://site.example/a?", "http://site.example/a"],
    ["http://site.example/a/../b/./c", "http://site.example/b/c"],
    ["http://site.example/%7euser", "http://site.example/~user"],
    ["http://site.example/%e9%2f", "http://site.example/%E9%2F"],
    ["http://site.example/a?utm_source=x&b=1&gclid=2", "http://site.example/a?b=1"],
    ["http://site.example/a?fbclid=x", "http://site.example/a"],
    ["http://site.example/é", "http://site.example/%C3%A9"],
    ["http://bücher.example/", "http://xn--bcher-kva.example/"],
    ["\n  /a\t ", "http://site.example/a"]
  ])("URL1: %s and %s are the same page", (a, b) => {
    assert.strictEqual(keyOf(a), keyOf(b))
  })

  it.each([
    ["http://site.example/", "https://site.example/"],
    ["http://site.example/", "http://www.site.example/"],
    ["http://site.example/", "http://site.example:8080/"],
    ["http://site.example/a", "http://site.example/a/"],
    ["http://site.example/a", "http://site.example/A"],
    ["http://site.example/a//b", "http://site.example/a/b"],
    ["http://site.example/a?x=1&y=2", "http://site.example/a?y=2&x=1"],
    ["http://site.example/a%2Fb", "http://site.example/a/b"],
    ["http://site.example/?utmost=1", "http://site.example/"]
  ])("URL2: %s and %s are different pages", (a, b) => {
    assert.notStrictEqual(keyOf(a), keyOf(b))
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
    "URL4: the key of a key is that key",
    { path: Schema.String, query: Schema.String },
    ({ path, query }) => {
      const found = CanonicalUrl.fromLink(`/${path}?${query}`, base)
      if (Result.isFailure(found)) return
      assert.strictEqual(keyOf(found.success.key), found.success.key)
    }
  )

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
    [`http://site.example/${"a".repeat(2083)}`, "longer than 2083 characters"]
  ])("URL6: %s is refused as %s", (link, reason) => {
    const refused = Result.getOrThrow(Result.flip(CanonicalUrl.fromLink(link, base)))
    assert.deepStrictEqual([refused.link, refused.reason], [link, reason])
  })
})

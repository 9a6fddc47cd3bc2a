import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import * as Robots from "../src/Robots.ts"
import { vectors } from "./support/robotsVectors.ts"

const allows = (body: string, path: string, token = "fibra") =>
  Robots.parse(body, token).isAllowed(new URL(path, "http://site.example"))
const lines = (...text: ReadonlyArray<string>) => text.join("\n")

describe("Robots", () => {
  it.each([
    ["", true],
    ["User-agent: fibra\nDisallow:", true],
    ["User-agent: fibra\nDisallow: /", false],
    ["User-agent: other\nDisallow: /", true],
    ["User-agent: *\nDisallow: /", false],
    ["User-agent: *\nDisallow: /\n\nUser-agent: fibra\nAllow: /", true],
    ["USER-AGENT: FiBrA\nDISALLOW: /x", false],
    ["User-agent: fibra/2.1 (+http://x)\nDisallow: /x", false],
    ["User-agent: fibrants\nDisallow: /x", true],
    ["User-agent: fibra other\nDisallow: /x", false],
    ["User-agent: a\nUser-agent: fibra\nUser-agent: b\nDisallow: /x", false],
    ["Disallow: /x\nUser-agent: other\nDisallow: /", true]
  ])("ROB1: by %j /x is allowed: %s", (body, allowed) => {
    assert.strictEqual(allows(body, "/x"), allowed)
  })

  it("ROB2: all groups that name the crawler count together", () => {
    const body = lines(
      "User-agent: fibra",
      "Disallow: /a",
      "User-agent: *",
      "Disallow: /c",
      "User-agent: fibra",
      "Disallow: /b"
    )
    assert.deepStrictEqual(
      ["/a", "/b", "/c"].map((path) => allows(body, path)),
      [false, false, true]
    )
  })

  it("ROB3: other records, blank lines and comments do not end a group", () => {
    const body = lines(
      "User-agent: fibra # that is us",
      "",
      "Sitemap: http://site.example/map.xml",
      "Crawl-delay: 2.5",
      "Host: site.example",
      "Disallow: /a # not this",
      "Sitemap: http://site.example/more.xml",
      "Disallow: /b"
    )
    assert.deepStrictEqual(
      ["/a", "/b", "/c"].map((path) => allows(body, path)),
      [false, false, true]
    )
    const robots = Robots.parse(body, "fibra")
    assert.deepStrictEqual(robots.crawlDelay, Duration.seconds(2.5))
    assert.deepStrictEqual(robots.sitemaps, [
      "http://site.example/map.xml",
      "http://site.example/more.xml"
    ])
  })

  it.each([
    // The longest pattern wins, whatever the order; allow wins a tie.
    ["Allow: /p\nDisallow: /", "/page", true],
    ["Disallow: /\nAllow: /p", "/page", true],
    ["Allow: /folder\nDisallow: /folder", "/folder/page", true],
    ["Disallow: /folder\nAllow: /folder", "/folder/page", true],
    ["Allow: /page\nDisallow: /*.htm", "/page.htm", false],
    ["Allow: /$\nDisallow: /", "/", true],
    ["Allow: /$\nDisallow: /", "/page.htm", false]
  ])("ROB4: by %j %s is allowed: %s", (rules, path, allowed) => {
    assert.strictEqual(allows(`User-agent: *\n${rules}`, path), allowed)
  })

  it.each([
    ["/fish", "/fish.html", true],
    ["/fish", "/Fish.asp", false],
    ["/fish", "/catfish", false],
    ["/fish*", "/fishheads", true],
    ["/fish/", "/fish", false],
    ["/fish/", "/fish/salmon.htm", true],
    ["/*.php", "/folder/filename.php?parameters", true],
    ["/*.php", "/windows.PHP", false],
    ["/*.php$", "/filename.php", true],
    ["/*.php$", "/filename.php?parameters", false],
    ["/*.php$", "/filename.php5", false],
    ["/fish*.php", "/fishheads/catfish.php?parameters", true],
    ["/a*b*c$", "/abcbc", true],
    ["/a*b*c$", "/abcb", false],
    ["/a**b", "/a/b", true],
    ["/a$b", "/a$b", true],
    ["/*a*a$", "/a", false],
    ["*/x", "/deep/x", true],
    ["/?q=*&page=", "/?q=tea&page=2", true]
  ])("ROB5: the pattern %s matches %s: %s", (pattern, path, matches) => {
    assert.strictEqual(allows(`User-agent: *\nDisallow: ${pattern}`, path), !matches)
  })

  it.each([
    ["/foo/bar?baz=http://foo.bar", "/foo/bar?baz=http://foo.bar", true],
    ["/foo/bar/ツ", "/foo/bar/%E3%83%84", true],
    ["/foo/bar/%E3%83%84", "/foo/bar/ツ", true],
    ["/foo/bar/%62%61%7A", "/foo/bar/baz", true],
    ["/foo/bar/baz", "/foo/bar/%62%61%7A", true],
    ["/a%2fb", "/a%2Fb", true],
    ["/a%2Fb", "/a/b", false]
  ])("ROB6: the pattern %s matches %s however both are encoded: %s", (pattern, path, matches) => {
    assert.strictEqual(allows(`User-agent: *\nDisallow: ${pattern}`, path), !matches)
  })

  it("ROB7: robots.txt itself is always allowed", () => {
    assert.isTrue(allows("User-agent: *\nDisallow: /", "/robots.txt"))
  })

  it.each(["\r\n", "\r", "\n"])("ROB8: a mark and %j line ends are understood", (end) => {
    const body = `\uFEFFUser-agent: *${end}Disallow: /x${end}`
    assert.deepStrictEqual([allows(body, "/x"), allows(body, "/y")], [false, true])
  })

  it("ROB8: nonsense is passed over, and parsing stops at 500 KiB", () => {
    const nonsense = "<html>\0: :\nDisallow /x\nUser-agent\n"
    assert.isTrue(allows(nonsense, "/x"))
    const rule = "User-agent: *\nDisallow: /x\n"
    assert.isFalse(allows(`${"#".repeat(400 * 1024)}\n${rule}`, "/x"))
    assert.isTrue(allows(`${"#".repeat(501 * 1024)}\n${rule}`, "/x"))
  })

  it("ROB8: a rule that the bound cuts in two does not count", () => {
    const start = "User-agent: *\nDisallow: /y\n"
    const rule = "Disallow: /x/private\n"
    const filled = `${start}${"#".repeat(500 * 1024 - start.length - 13)}\n${rule}`
    assert.strictEqual(filled.slice(500 * 1024 - 12, 500 * 1024), rule.slice(0, 12))
    assert.deepStrictEqual([allows(filled, "/x"), allows(filled, "/y")], [true, false])
  })

  it.each([
    [[0xef, 0xbb, 0xbf], false],
    [[0xef, 0xbb], false],
    [[0xef], false],
    [[], false],
    // What is no mark makes the first line nonsense, so that there is no group.
    [[0xef, 0x11, 0xbf], true]
  ])("ROB8: after the bytes %j /x is allowed: %s", (mark, allowed) => {
    const rules = new TextEncoder().encode("User-agent: fibra\nDisallow: /x\n")
    const robots = Robots.parse(Uint8Array.of(...mark, ...rules), "fibra")
    assert.strictEqual(robots.isAllowed(new URL("http://site.example/x")), allowed)
  })

  it("ROB8: a mark inside of the file makes nonsense of its line", () => {
    assert.isTrue(allows("User-agent: fibra\n\uFEFFDisallow: /x", "/x"))
  })

  it.each(["\r\n", "\r", "\n"])("ROB10: with %j line ends a decision names its line", (end) => {
    const body = ["User-Agent: fibra", "Disallow: /a/b", "", "Allow : /a # but", "", "Disallow: /c"]
    const robots = Robots.parse(body.join(end), "fibra")
    const decide = (path: string) => robots.decide(new URL(path, "http://site.example"))
    assert.deepStrictEqual(decide("/a/b/c"), { allowed: false, rule: "Disallow: /a/b", line: 2 })
    assert.deepStrictEqual(decide("/a/c"), { allowed: true, rule: "Allow : /a", line: 4 })
    assert.deepStrictEqual(decide("/c"), { allowed: false, rule: "Disallow: /c", line: 6 })
    assert.deepStrictEqual(decide("/d"), { allowed: true, rule: undefined, line: undefined })
  })

  it.each(vectors.map((vector) => [vector.token, vector.about, vector] as const))(
    "ROB11: %s and %s",
    (token, _, { allowed, disallowed, lines }) => {
      for (const end of ["\n", "\r\n"]) {
        const body = lines.map((line) => line + end).join("")
        const asked = (path: string) => ({ path, allowed: allows(body, path, token) })
        assert.deepStrictEqual([...allowed, ...disallowed].map(asked), [
          ...allowed.map((path) => ({ path, allowed: true })),
          ...disallowed.map((path) => ({ path, allowed: false }))
        ])
      }
    }
  )

  it.each([
    ["Foobot", true],
    ["Foobot-Bar", true],
    ["Foo_Bar", true],
    ["", false],
    ["ツ", false],
    ["Foobot*", false],
    [" Foobot ", false],
    ["Foobot/2.1", false],
    ["Foobot Bar", false]
  ])("ROB12: %j can be a product token: %s", (name, valid) => {
    assert.strictEqual(Robots.isProductToken(name), valid)
  })

  it.each(["dissallow", "disalow", "diasllow", "disallaw", "dissalow"])(
    "ROB8: %s is read as disallow",
    (name) => {
      assert.isFalse(allows(`useragent: fibra\n${name}: /x`, "/x"))
    }
  )

  it("ROB7: where nothing is allowed robots.txt still is", () => {
    const at = (path: string) => new URL(path, "http://site.example")
    assert.isTrue(Robots.disallowAll.isAllowed(at("/robots.txt")))
    assert.isFalse(Robots.disallowAll.isAllowed(at("/")))
    assert.isFalse(Robots.disallowAll.decide(at("/")).allowed)
    assert.isTrue(Robots.allowAll.isAllowed(at("/")))
  })

  it("ROB9: a line of spaces costs its length, and a name of the language is no record", () => {
    const spaces = " ".repeat(16_000)
    const lines = Array.from({ length: 30 }, () => `disallow:${spaces}x`).join("\n")
    assert.isTrue(allows(`user-agent: *\n${lines}\n__proto__: /\nconstructor: /`, "/x"))
  })

  it("ROB9: matching takes time by length, not by the number of stars", () => {
    const pattern = `/${"*a".repeat(1000)}$`
    assert.isTrue(allows(`User-agent: *\nDisallow: ${pattern}`, `/${"a".repeat(2000)}b`))
    assert.isFalse(allows(`User-agent: *\nDisallow: ${pattern}`, `/${"a".repeat(2000)}`))
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as Resolver from "../src/internal/resolver.ts"

const keys = (resolve: Resolver.Resolver, links: ReadonlyArray<string>, page: string) =>
  resolve(links, new URL(page)).map(({ key }) => key)

describe("resolver", () => {
  it("URL3: a link that is known from one page means the same as one that is not", () => {
    const links = [
      "/a",
      "//b.example/a",
      "/\\c.example/a",
      "?q",
      "a",
      "http://x.example/",
      "http:a",
      "mailto:a",
      "/a"
    ]
    const pages = [
      "http://a.example/x/y",
      "https://a.example/x/",
      "http://b.example/",
      "http://a.example/z/",
      "blob:http://a.example/1"
    ]
    const resolve = Resolver.make()
    for (const page of [...pages, ...pages]) {
      assert.deepStrictEqual(keys(resolve, links, page), keys(Resolver.make(), links, page))
    }
  })

  it("URL3: links that are met again are not resolved again, and what is forgotten is", () => {
    const resolve = Resolver.make()
    const home = () => resolve(["/"], new URL("http://a.example/"))[0]!
    const first = home()
    const others = Array.from({ length: 5000 }, (_, index) => `/${index}`)
    resolve(others, new URL("http://a.example/"))
    assert.strictEqual(home(), first)
    resolve(
      others.map((link) => `${link}x`),
      new URL("http://a.example/")
    )
    resolve(
      others.map((link) => `${link}y`),
      new URL("http://a.example/")
    )
    assert.notStrictEqual(home(), first)
    assert.strictEqual(home().key, first.key)
  })
})

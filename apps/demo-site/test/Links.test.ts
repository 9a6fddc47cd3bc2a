import { assert, describe, it } from "@effect/vitest"
import * as Links from "../src/Links.ts"

const origin = "http://127.0.0.1:8080"
const targets = [
  "/",
  "/books/caf%C3%A9-m%C3%BCller.html",
  "/category/art-design/",
  "/search?q=a&in=b"
]
const places = [
  "/",
  "/catalogue/page-1.html",
  "/category/poetry/",
  "/private/press/",
  "/books/x.html"
]

describe("Links", () => {
  it.each(Links.allForms)("a link in the form %s leads to the same canonical path", (form) => {
    for (const target of targets) {
      for (const path of places) {
        const href = Links.href(target, form, { origin, path })
        const url = new URL(href, origin + path)
        assert.strictEqual(url.origin, origin)
        assert.strictEqual(Links.canonical(url.pathname + url.search), target, `${href} on ${path}`)
      }
    }
  })

  it("a link to the folder itself is not empty", () => {
    assert.strictEqual(Links.href("/a/", "relative", { origin, path: "/a/b.html" }), "./")
  })

  it("canonical keeps the order and the repetition of parameters", () => {
    assert.strictEqual(Links.canonical("/x?b=2&utm_source=z&a=1&b=3#f"), "/x?b=2&a=1&b=3")
  })
})

/** Checks what `npm start` has left in `out/` against what the demo shop knows to be true. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import * as Shop from "../apps/demo-site/src/Shop.ts"

const readLines = (path: string): ReadonlyArray<Record<string, unknown>> => {
  const text = readFileSync(new URL(`../${path}`, import.meta.url), "utf8")
  assert(text.endsWith("\n"), `${path} ends with a whole line`)
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const rows = readLines("out/books.jsonl")
const { origin } = new URL(String(rows[0]?.["url"]))
const { truth } = Shop.make({ origin, seed: 1, books: 240 })

const byPath = (a: { readonly path: string }, b: { readonly path: string }) =>
  a.path < b.path ? -1 : 1
const found = rows.map(({ price, stock, title, url }) => {
  const path = String(url).slice(origin.length)
  return { path, title, price, stock }
})
assert.deepEqual(found.toSorted(byPath), truth.books.toSorted(byPath))

const requests = readLines("out/requests.jsonl")
const paths = requests.map(({ path }) => String(path))
assert.deepEqual(
  paths.filter((path, index) => paths.indexOf(path) !== index),
  [],
  "no page was fetched twice"
)
assert.deepEqual(
  paths.filter((path) => truth.disallowed.includes(path)),
  [],
  "no forbidden page was fetched"
)
const activeMax = Math.max(...requests.map(({ active }) => Number(active)))
assert(activeMax <= 8, `at most 8 requests at a time, and there were ${activeMax}`)

console.log(
  `out/books.jsonl holds each of the ${rows.length} allowed books once, and ` +
    `${requests.length} requests kept to the rules.`
)

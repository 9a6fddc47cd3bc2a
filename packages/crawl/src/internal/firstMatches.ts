/** Finds the first element for each of some selectors while a page is parsed, and parses no further. */
import * as CssSelect from "css-select"
import type { DomUtils } from "htmlparser2"
import { parseBounded } from "./parseBounded.ts"

type Element = Parameters<typeof DomUtils.getAttributeValue>[0]
type Test = (element: Element) => boolean

/**
 * The test of a selector, if that depends on nothing that stands behind the opening tag of an element.
 *
 * Pseudo-classes may: `:last-child`, `:has(…)`. So they are left out, and with them what is rare.
 */
export const testOf = (css: string): Test | undefined => {
  const known = tests.get(css)
  if (known !== undefined || tests.has(css)) return known
  const test = compile(css)
  if (tests.size < testsMax) tests.set(css, test)
  return test
}

/** A program has few selectors, and uses them for every page. */
const tests = new Map<string, Test | undefined>()
const testsMax = 1000

const compile = (css: string): Test | undefined =>
  /^[\w\s.,#>+~*=^$"'/[\]-]*$/.test(css) ? CssSelect.compile<unknown, Element>(css) : undefined

/**
 * The same elements as in a tree of the whole page, each with all that is in it; `null` where there is none.
 */
export const firstMatches = (
  html: string,
  tests: ReadonlyArray<Test>
): ReadonlyArray<Element | null> => {
  const found: Array<Element | null> = tests.map(() => null)
  const open = new Set<Element>()
  let left = tests.length
  parseBounded(html, {
    opened(element) {
      if (left === 0) return
      for (const [index, test] of tests.entries()) {
        if (found[index] !== null || !test(element)) continue
        found[index] = element
        open.add(element)
        left -= 1
      }
    },
    closed: (element) => void open.delete(element),
    isDone: () => left === 0 && open.size === 0
  })
  return found
}

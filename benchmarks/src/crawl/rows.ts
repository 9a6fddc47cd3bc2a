/** Compares what a crawler has written with what is on the site. */
import { existsSync, readFileSync } from "node:fs"
import { rowOf, type Row } from "./site.ts"

/** Of the rows that there should be; `wrong` ones have a URL of the site and other fields than its page. */
export interface Findings {
  readonly right: number
  readonly lost: number
  readonly doubled: number
  readonly wrong: number
  /** Lines that are no rows of the site at all. */
  readonly foreign: number
}

export const inspect = (path: string, origins: ReadonlyArray<string>, pages: number): Findings => {
  const truth = new Map<string, Row>()
  for (const origin of origins) {
    for (let page = 0; page < pages; page++) truth.set(rowOf(origin, page).url, rowOf(origin, page))
  }
  const seen = new Set<string>()
  let [right, doubled, wrong, foreign] = [0, 0, 0, 0]
  for (const line of linesOf(path)) {
    const row = parse(line)
    const expected = row === undefined ? undefined : truth.get(row.url)
    if (row === undefined || expected === undefined) foreign += 1
    else if (seen.has(row.url)) doubled += 1
    else {
      seen.add(row.url)
      if (row.title === expected.title && row.price === expected.price) right += 1
      else wrong += 1
    }
  }
  return { right, lost: truth.size - seen.size, doubled, wrong, foreign }
}

const linesOf = (path: string): ReadonlyArray<string> =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : []

const parse = (line: string): Row | undefined => {
  try {
    const row: unknown = JSON.parse(line)
    return typeof row === "object" && row !== null && "url" in row ? (row as Row) : undefined
  } catch {
    return undefined
  }
}

/** Says what is not as it should be; nothing when all rows are there, once. */
export const problemOf = ({ doubled, foreign, lost, wrong }: Findings): string | undefined => {
  const counts = Object.entries({ lost, doubled, wrong, foreign }).filter(([, count]) => count > 0)
  if (counts.length === 0) return undefined
  return `rows: ${counts.map(([name, count]) => `${count} ${name}`).join(", ")}`
}

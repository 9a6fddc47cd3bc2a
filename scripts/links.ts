/** Every relative link of a Markdown file leads to a file, and to a heading of it where it names one. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { join, posix } from "node:path"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { list } from "./internal/workspaces.ts"

/** Links that lead nowhere. What other hosts have is not asked. */
export const problems = (root: string): ReadonlyArray<string> =>
  list(root, "**/*.md", ".changeset/*.md").flatMap((path) =>
    linksOf(readFileSync(join(root, path), "utf8")).flatMap(({ line, target }) => {
      const wrong = problemOf(root, path, target)
      return wrong === undefined ? [] : [problem(path, line, `links to "${target}", ${wrong}`)]
    })
  )

interface Link {
  readonly line: number
  readonly target: string
}

/** `[text](target)` and `[name]: target`, outside of code. */
const linksOf = (text: string): ReadonlyArray<Link> =>
  prose(text).flatMap((line, index) =>
    [...line.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s+(\S+)/g)].map((found) => ({
      line: index + 1,
      target: (found[1] ?? found[2])!
    }))
  )

const problemOf = (root: string, path: string, target: string): string | undefined => {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return undefined
  const [file = "", anchor] = target.split("#")
  const linked = file === "" ? path : posix.join(posix.dirname(path), decodeURIComponent(file))
  if (linked.startsWith("..") || !existsSync(join(root, linked))) {
    return "which is not there, mend the path"
  }
  if (
    anchor === undefined ||
    !linked.endsWith(".md") ||
    statSync(join(root, linked)).isDirectory()
  ) {
    return undefined
  }
  return anchorsOf(readFileSync(join(root, linked), "utf8")).has(anchor)
    ? undefined
    : `and ${linked} has no such heading, mend the anchor`
}

/** The anchors of headings, as GitHub makes them; a second heading of the same name ends in `-1`. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const line of prose(text)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
      .replaceAll(" ", "-")
    let anchor = slug
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`
    anchors.add(anchor)
  }
  return anchors
}

/** The lines of a text; those of code are empty. */
const prose = (text: string): ReadonlyArray<string> => {
  let fence: string | undefined
  return text.split("\n").map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined && mark === undefined) return line.replace(/`[^`]*`/g, keepText)
    if (fence === undefined) fence = mark
    else if (mark?.startsWith(fence) === true) fence = undefined
    return ""
  })
}

/** Code in a line is no link; in a heading its letters count. */
const keepText = (code: string): string => code.replace(/[[\]()]/g, "")

if (isMain(import.meta.url)) report(problems(repository))

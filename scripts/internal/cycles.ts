/** Files that import each other in a circle, within one workspace or across several. */
import { existsSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { problem } from "./report.ts"
import { importsOf } from "./syntax.ts"
import { list, type Workspace } from "./workspaces.ts"

interface Edge {
  readonly target: string
  readonly line: number
}

/** One problem for each circle, at the import that closes it. */
export const fileCycles = (
  root: string,
  members: ReadonlyArray<Workspace>
): ReadonlyArray<string> => {
  const graph = new Map<string, ReadonlyArray<Edge>>()
  for (const { folder } of members) {
    for (const path of list(root, `${folder}/**/*.ts`)) graph.set(path, edges(root, path, members))
  }
  const found: Array<string> = []
  const done = new Set<string>()
  const trail: Array<string> = []
  const visit = (path: string): void => {
    trail.push(path)
    for (const { line, target } of graph.get(path) ?? []) {
      const start = trail.indexOf(target)
      if (start >= 0) {
        const circle = [...trail.slice(start), target].join(" -> ")
        found.push(problem(path, line, `closes a cycle, move the shared part below: ${circle}`))
      } else if (!done.has(target)) visit(target)
    }
    trail.pop()
    done.add(path)
  }
  for (const path of graph.keys()) if (!done.has(path)) visit(path)
  return found
}

const edges = (
  root: string,
  path: string,
  members: ReadonlyArray<Workspace>
): ReadonlyArray<Edge> =>
  importsOf(path, readFileSync(join(root, path), "utf8")).flatMap(({ line, specifier }) => {
    const target = resolve(path, specifier, members)
    return target !== undefined && existsSync(join(root, target)) ? [{ target, line }] : []
  })

/** The file that a specifier means when it lies in the repository. */
const resolve = (
  path: string,
  specifier: string,
  members: ReadonlyArray<Workspace>
): string | undefined => {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier)
  for (const { folder, manifest } of members) {
    if (specifier === manifest.name) return `${folder}/src/index.ts`
    if (specifier.startsWith(`${manifest.name}/`)) {
      return `${folder}/src/${specifier.slice(manifest.name.length + 1)}.ts`
    }
  }
  return undefined
}

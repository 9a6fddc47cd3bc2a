/** Finds what a path names, as POSIX resolves it: relative to `/`, through symbolic links. */
import { refuse } from "./errno.ts"
import type { DirectoryNode, Node } from "./nodes.ts"

export interface Found {
  readonly directory: DirectoryNode
  /** The last name of the path; `undefined` where it is `/`, `.` or `..`. */
  readonly name: string | undefined
  readonly node: Node | undefined
  /** The absolute path without links, also where there is no node yet. */
  readonly realPath: string
  /** The path ends with a slash, and so can only name a directory. */
  readonly asDirectory: boolean
}

const linksMax = 40
const nameBytesMax = 255
const encoder = new TextEncoder()

/**
 * Which links at the end of a path are followed: all of them, those with a slash behind them, or none,
 * where it is the name itself that shall be changed.
 */
export type Follow = "all" | "slash" | "none"

/** Refuses when a directory on the way is not there, or is none. */
export const lookup = (root: DirectoryNode, path: string, follow: Follow): Found => {
  if (path === "") return refuse("ENOENT")
  let asDirectory = path.endsWith("/")
  const left = partsOf(path)
  let links = 0
  let directory = root
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const isLast = left.length === 0
    if (name === "." || name === "..") {
      if (name === "..") directory = directory.place?.parent ?? directory
      continue
    }
    if (encoder.encode(name).length > nameBytesMax) return refuse("ENAMETOOLONG")
    const node = directory.entries.get(name)
    const followed = !isLast || follow === "all" || (follow === "slash" && asDirectory)
    if (node?.type === "SymbolicLink" && followed) {
      if (++links > linksMax) return refuse("ELOOP")
      asDirectory ||= isLast && node.target.endsWith("/")
      if (node.target.startsWith("/")) directory = root
      left.unshift(...partsOf(node.target))
      continue
    }
    if (isLast) {
      return { directory, name, node, realPath: join(pathOf(directory), name), asDirectory }
    }
    if (node === undefined) return refuse("ENOENT")
    if (node.type !== "Directory") return refuse("ENOTDIR")
    directory = node
  }
  const realPath = pathOf(directory)
  return { directory, name: undefined, node: directory, realPath, asDirectory }
}

/** The node, if there is one: refused if the path can only name a directory, and it is none. */
export const nodeOf = ({ asDirectory, node }: Found): Node | undefined =>
  asDirectory && node !== undefined && node.type !== "Directory" ? refuse("ENOTDIR") : node

export const pathOf = (directory: DirectoryNode): string => {
  const names: Array<string> = []
  for (let at = directory.place; at !== undefined; at = at.parent.place) names.unshift(at.name)
  return `/${names.join("/")}`
}

export const join = (directory: string, name: string): string =>
  directory === "/" ? `/${name}` : `${directory}/${name}`

const partsOf = (path: string): Array<string> => path.split("/").filter((part) => part !== "")

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
  /** A path that ends with a slash can only name a directory. */
  readonly asDirectory: boolean
}

const linksMax = 40
const nameBytesMax = 255
const encoder = new TextEncoder()

/**
 * Refuses when a directory on the way is not there, or is none. Of the last name, `follow` says
 * whether the link that it names is meant, or what that points to.
 */
export const lookup = (root: DirectoryNode, path: string, follow: boolean): Found => {
  if (path === "") return refuse("ENOENT")
  const asDirectory = path.endsWith("/")
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
    if (node?.type === "SymbolicLink" && (!isLast || follow || asDirectory)) {
      if (++links > linksMax) return refuse("ELOOP")
      if (node.target.startsWith("/")) directory = root
      left.unshift(...partsOf(node.target))
      continue
    }
    if (isLast) {
      if (asDirectory && node !== undefined && node.type !== "Directory") return refuse("ENOTDIR")
      return { directory, name, node, realPath: join(pathOf(directory), name), asDirectory }
    }
    if (node === undefined) return refuse("ENOENT")
    if (node.type !== "Directory") return refuse("ENOTDIR")
    directory = node
  }
  const realPath = pathOf(directory)
  return { directory, name: undefined, node: directory, realPath, asDirectory }
}

export const pathOf = (directory: DirectoryNode): string => {
  const names: Array<string> = []
  for (let at = directory.place; at !== undefined; at = at.parent.place) names.unshift(at.name)
  return `/${names.join("/")}`
}

export const join = (directory: string, name: string): string =>
  directory === "/" ? `/${name}` : `${directory}/${name}`

const partsOf = (path: string): Array<string> => path.split("/").filter((part) => part !== "")

/** The workspaces of the repository: their folders, their package.json files and their sources. */
import { existsSync, globSync, readFileSync, readdirSync } from "node:fs"
import { join, sep } from "node:path"

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface Workspace {
  readonly kind: "package" | "app" | "benchmarks"
  /** The folder's own name: `tasks`. */
  readonly name: string
  /** The folder relative to the root: `packages/tasks`. */
  readonly folder: string
  readonly manifest: Manifest
  /** The text of package.json, to find the lines of its entries. */
  readonly manifestText: string
}

/** Files below `root` that match a pattern, sorted, with `/` between folders; never what was built or installed. */
export const list = (root: string, ...patterns: ReadonlyArray<string>): ReadonlyArray<string> =>
  globSync(patterns, { cwd: root, exclude: ["**/node_modules", "**/dist", "**/coverage", "out"] })
    .map((path) => path.split(sep).join("/"))
    .toSorted()

/** Every workspace that has a package.json, packages first. */
export const workspaces = (root: string): ReadonlyArray<Workspace> => [
  ...members(root, "packages").map((folder) => workspace(root, "package", folder)),
  ...members(root, "apps").map((folder) => workspace(root, "app", folder)),
  ...["benchmarks"]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => workspace(root, "benchmarks", folder))
]

export const readManifest = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8"))

const members = (root: string, folder: string): ReadonlyArray<string> =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .map((name) => `${folder}/${name}`)
        .filter((member) => existsSync(join(root, member, "package.json")))
        .toSorted()
    : []

const workspace = (root: string, kind: Workspace["kind"], folder: string): Workspace => {
  const path = join(root, folder, "package.json")
  return {
    kind,
    folder,
    name: folder.split("/").at(-1)!,
    manifest: readManifest(path),
    manifestText: readFileSync(path, "utf8")
  }
}

/**
 * The layers of the house, and the check that every import and every package.json keeps to them.
 *
 * Arrows point down only: a package imports what its row names, an app imports any package and never
 * another app. A new package starts with a row here.
 */
import { readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join, posix } from "node:path"
import { fileCycles } from "./internal/cycles.ts"
import { manifestProblems, rootPinProblems } from "./internal/manifests.ts"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { importsOf, type Import } from "./internal/syntax.ts"
import {
  list,
  type Manifest,
  readManifest,
  type Workspace,
  workspaces
} from "./internal/workspaces.ts"

export interface Layer {
  readonly level: number
  /** The packages of lower levels that its sources may import. */
  readonly imports: ReadonlyArray<string>
  /** The modules of Node that its sources may import; the rest of the outside comes through services. */
  readonly node?: ReadonlyArray<string>
}

/** One row for each folder of `packages/`; rows of packages that do not exist yet reserve their place. */
export const layers: Readonly<Record<string, Layer>> = {
  tasks: { level: 0, imports: [] },
  testing: { level: 1, imports: ["tasks"] },
  actors: { level: 1, imports: ["tasks"] },
  cli: { level: 1, imports: ["tasks"], node: ["fs", "module", "path", "url"] },
  files: { level: 1, imports: ["tasks"], node: ["crypto", "zlib"] },
  compute: { level: 1, imports: ["tasks"], node: ["worker_threads", "url", "os"] },
  http: { level: 1, imports: ["tasks"], node: ["buffer", "dns", "net", "tls", "zlib"] },
  crawl: {
    level: 2,
    imports: ["actors", "files", "http", "tasks"],
    node: ["crypto", "sqlite", "zlib"]
  },
  pipeline: { level: 2, imports: ["actors", "files", "tasks"] },
  cluster: { level: 2, imports: ["actors", "tasks"] },
  observer: { level: 2, imports: ["actors", "tasks"] }
}

/**
 * What is unstable in Effect, or reaches the outside, and who may import it in its sources.
 *
 * One package for each, so that one place changes when Effect does; none means apps only. Folders of
 * Effect that are not listed have no owner yet. `testing` simulates these, and apps wire their
 * layers: both are free to import all of them, as are tests.
 */
export const owners: Readonly<Record<string, ReadonlyArray<string>>> = {
  "effect/FileSystem": ["files"],
  "effect/Path": ["files"],
  "effect/Stdio": ["cli"],
  "effect/Terminal": ["cli"],
  "effect/cli": ["cli"],
  "effect/process": [],
  "effect/http": ["http"],
  "effect/net": ["http"],
  "effect/persistence": ["http"],
  "effect/socket": ["http"],
  "effect/workers": ["compute"],
  // The protocol of `effect/workers`, of actors, and of `effect/cluster` alike.
  "effect/rpc": ["compute", "actors", "cluster"],
  "effect/cluster": ["cluster"],
  "effect/observability": ["observer"],
  "effect/testing": ["testing"],
  "effect/encoding": ["files"],
  "@effect/platform-node": ["cli", "compute", "http"],
  undici: ["http"]
}

/** Everything in the tree under `root` that the tables above do not allow. */
export const problems = (root: string): ReadonlyArray<string> => {
  const members = workspaces(root)
  const rootManifest = readManifest(join(root, "package.json"))
  return [
    ...tableProblems(layers),
    ...rootPinProblems(root),
    ...members.flatMap((member) =>
      member.kind === "package" && layers[member.name] === undefined
        ? [
            problem(
              `${member.folder}/package.json`,
              1,
              "this package has no row in the table of layers, add it in scripts/layers.ts"
            )
          ]
        : [
            ...manifestProblems(member, members, rootManifest, allows),
            ...list(root, `${member.folder}/**/*.ts`).flatMap((path) =>
              fileProblems(root, path, member, members, rootManifest)
            )
          ]
    ),
    ...fileCycles(root, members)
  ]
}

/** Rows that import what is not below them: this is what makes a cycle of packages impossible. */
export const tableProblems = (table: Readonly<Record<string, Layer>>): ReadonlyArray<string> =>
  Object.entries(table).flatMap(([name, { imports, level }]) =>
    imports
      .filter((target) => (table[target]?.level ?? Infinity) >= level)
      .map((target) =>
        problem(
          "scripts/layers.ts",
          1,
          `the row of ${name} imports ${target}, which is not on a lower level, move one of them`
        )
      )
  )

/** Whether a file is part of what the workspace does, and not of its tests. */
const isSource = (member: Workspace, path: string): boolean =>
  member.kind === "benchmarks"
    ? !path.startsWith(`${member.folder}/test/`)
    : path.startsWith(`${member.folder}/src/`)

const fileProblems = (
  root: string,
  path: string,
  member: Workspace,
  members: ReadonlyArray<Workspace>,
  rootManifest: Manifest
): ReadonlyArray<string> =>
  importsOf(path, readFileSync(join(root, path), "utf8")).flatMap((imported) =>
    importProblems(path, imported, member, members, rootManifest).map((text) =>
      problem(path, imported.line, `imports "${imported.specifier}", ${text}`)
    )
  )

const importProblems = (
  path: string,
  { specifier }: Import,
  member: Workspace,
  members: ReadonlyArray<Workspace>,
  rootManifest: Manifest
): ReadonlyArray<string> => {
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier)
    return target.startsWith(`${member.folder}/`) || isSharedSupport(path, target, member, members)
      ? []
      : ["which is outside its workspace, import the package by its name"]
  }
  if (isBuiltin(specifier)) return builtinProblems(path, specifier, member)
  const [name, subpath] = splitSpecifier(specifier)
  if (name === member.manifest.name) return []
  const target = members.find(({ manifest }) => manifest.name === name)
  return [
    ...(target === undefined
      ? ownerProblems(path, specifier, member)
      : memberProblems(target, subpath, member, isSource(member, path))),
    ...(declared(member, isSource(member, path) ? undefined : rootManifest).has(name)
      ? []
      : [`which ${member.folder}/package.json does not declare, add it to its dependencies`])
  ]
}

/** Sites and servers that tests of a lower package have are there for the tests of a higher one. */
const isSharedSupport = (
  path: string,
  target: string,
  member: Workspace,
  members: ReadonlyArray<Workspace>
): boolean => {
  const owner = members.find(({ folder }) => target.startsWith(`${folder}/test/support/`))
  return (
    owner !== undefined && path.startsWith(`${member.folder}/test/`) && allows(member, owner, true)
  )
}

const builtinProblems = (
  path: string,
  specifier: string,
  member: Workspace
): ReadonlyArray<string> => {
  if (!specifier.startsWith("node:")) return [`write it "node:${specifier}"`]
  if (member.kind !== "package" || !isSource(member, path)) return []
  const allowed = layers[member.name]!.node ?? []
  return allowed.includes(specifier.slice("node:".length).split("/")[0]!)
    ? []
    : [
        "which its layer does not allow, use the service of Effect (or the row in scripts/layers.ts)"
      ]
}

const memberProblems = (
  target: Workspace,
  subpath: string,
  member: Workspace,
  source: boolean
): ReadonlyArray<string> => {
  if (target.kind !== "package") return ["which is not a package, move the shared part into one"]
  if (/^(internal|src|dist)\b/.test(subpath)) {
    return ["which is private to its package, import one of the package's public modules"]
  }
  return allows(member, target, !source)
    ? []
    : [`which the layer of ${member.name} does not allow, see the table in scripts/layers.ts`]
}

/** Whether the table lets `member` depend on `target`; `testing` is there for every test. */
const allows = (member: Workspace, target: Workspace, inTests: boolean): boolean =>
  target.kind === "package" &&
  (member.kind !== "package" ||
    layers[member.name]!.imports.includes(target.name) ||
    (inTests && target.name === "testing"))

const ownerProblems = (
  path: string,
  specifier: string,
  member: Workspace
): ReadonlyArray<string> => {
  if (!isSource(member, path)) return []
  if (specifier === "@effect/platform-node") {
    return ["which loads all of it at start, import the module that you need"]
  }
  if (member.kind !== "package") return []
  // The barrel would hide which parts are used, and loads all of them.
  if (specifier === "effect") return ['which hides what is used, import "effect/X"']
  const area = specifier.startsWith("@")
    ? splitSpecifier(specifier)[0]
    : specifier.split("/").slice(0, 2).join("/")
  const isFolderOfEffect = /^effect\/[a-z]/.test(area)
  const allowed = owners[area] ?? (isFolderOfEffect ? [] : undefined)
  if (allowed === undefined || allowed.includes(member.name) || member.name === "testing") return []
  return allowed.length === 0
    ? ["which no package owns, leave it to apps or name its owner in scripts/layers.ts"]
    : [`which only ${allowed.join(" and ")} may import, use that package`]
}

/** `@scope/name/sub/path` as its package and the rest. */
const splitSpecifier = (specifier: string): readonly [name: string, subpath: string] => {
  const parts = specifier.split("/")
  const length = specifier.startsWith("@") ? 2 : 1
  return [parts.slice(0, length).join("/"), parts.slice(length).join("/")]
}

/** What a file may import: in tests also the development dependencies, and those of the root. */
const declared = (member: Workspace, rootManifest: Manifest | undefined): ReadonlySet<string> => {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = member.manifest
  const all = { ...dependencies, ...optionalDependencies, ...peerDependencies }
  return new Set(
    Object.keys(
      rootManifest === undefined
        ? all
        : {
            ...all,
            ...devDependencies,
            ...rootManifest.dependencies,
            ...rootManifest.devDependencies
          }
    )
  )
}

if (isMain(import.meta.url)) report(problems(repository))

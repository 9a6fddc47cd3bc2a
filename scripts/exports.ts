/**
 * The public names of every package: reachable by exactly one path, documented, and written down.
 *
 * `packages/NAME/exports.txt` lists them, so that a review sees what a change adds or takes away;
 * `node scripts/exports.ts --update` rewrites the lists.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { publicModule, type PublicName } from "./internal/publicNames.ts"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { importsOf } from "./internal/syntax.ts"
import { list, type Workspace, workspaces } from "./internal/workspaces.ts"

/** Names that are exported twice, not documented, or not as the lists say. */
export const problems = (root: string): ReadonlyArray<string> =>
  packages(root).flatMap((member) => {
    const modules = publicModules(root, member)
    return [
      ...indexProblems(root, member, modules),
      ...modules.flatMap((name) => moduleProblems(root, `${member.folder}/src/${name}.ts`)),
      ...sharedTwice(root, member, modules),
      ...snapshotProblems(root, member, snapshot(root, member))
    ]
  })

/** Rewrites the lists. */
export const update = (root: string): void => {
  for (const member of packages(root)) {
    writeFileSync(join(root, snapshotPath(member)), snapshot(root, member))
  }
}

const packages = (root: string): ReadonlyArray<Workspace> =>
  workspaces(root).filter(({ kind }) => kind === "package")

/** The modules beside index.ts, by name: each is one namespace. */
const publicModules = (root: string, { folder }: Workspace): ReadonlyArray<string> =>
  list(root, `${folder}/src/*.ts`)
    .map((path) => path.split("/").at(-1)!.replace(/\.ts$/, ""))
    .filter((name) => name !== "index")

/** A line for each name, sorted: `Semaphore.make const`. */
const snapshot = (root: string, member: Workspace): string =>
  publicModules(root, member)
    .flatMap((namespace) =>
      namesOf(root, `${member.folder}/src/${namespace}.ts`).names.map(
        ({ kind, name }) => `${namespace}.${name} ${kind}\n`
      )
    )
    .toSorted()
    .join("")

const snapshotPath = ({ folder }: Workspace): string => `${folder}/exports.txt`

const namesOf = (root: string, path: string) =>
  publicModule(path, readFileSync(join(root, path), "utf8"))

const indexProblems = (
  root: string,
  member: Workspace,
  all: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const { folder } = member
  const path = `${folder}/src/index.ts`
  const modules = all.filter((name) => !needsOptionalPeer(root, member, name))
  if (!existsSync(join(root, path))) return [problem(path, 1, "this package has no index, add it")]
  const lines = readFileSync(join(root, path), "utf8").trimEnd().split("\n")
  const expected = modules.map((name) => `export * as ${name} from "./${name}.ts"`)
  if (expected.length === 0 && lines.join() === "export {}") return []
  return [
    ...lines.flatMap((line, index) =>
      expected.includes(line) && lines.indexOf(line) === index
        ? []
        : [problem(path, index + 1, `"${line}" is not the export of one module, remove it`)]
    ),
    ...expected
      .filter((line) => !lines.includes(line))
      .map((line) => problem(path, lines.length, `add ${line}, or move the module to internal/`))
  ]
}

/** Whether a module cannot be loaded without an optional peer: the index must be, so it is not in it. */
const needsOptionalPeer = (
  root: string,
  { folder, manifest: { peerDependenciesMeta = {} } }: Workspace,
  name: string
): boolean => {
  const path = `${folder}/src/${name}.ts`
  return importsOf(path, readFileSync(join(root, path), "utf8")).some(
    ({ specifier }) => peerDependenciesMeta[specifier]?.optional === true
  )
}

const moduleProblems = (root: string, path: string): ReadonlyArray<string> => {
  const { doc, names, others } = namesOf(root, path)
  return [
    ...docProblems(path, 1, "the module", doc),
    ...others.map((line) =>
      problem(path, line, "export by declaring, so that each name has exactly one path")
    ),
    ...names.flatMap(({ doc, line, name }) => docProblems(path, line, name, doc))
  ]
}

/** A name of a private file is public in one module at the most. */
const sharedTwice = (
  root: string,
  { folder }: Workspace,
  modules: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const first = new Map<string, string>()
  return modules.flatMap((module) => {
    const path = `${folder}/src/${module}.ts`
    return namesOf(root, path).names.flatMap(({ kind, line, name }) => {
      if (!kind.startsWith("from ")) return []
      const key = `${name} ${kind}`
      const other = first.get(key)
      if (other === undefined) first.set(key, module)
      return other === undefined
        ? []
        : [problem(path, line, `${name} is public in ${other} already, refer to it there`)]
    })
  })
}

const docProblems = (
  path: string,
  line: number,
  name: string,
  doc: PublicName["doc"]
): ReadonlyArray<string> => {
  if (doc === undefined) return [problem(path, line, `${name} has no doc comment, write one`)]
  const [paragraph] = doc.split(/\n\s*\n|(?:^|\s)@/)
  return [
    ...(/\.(\s|$)/.test(paragraph!)
      ? []
      : [
          problem(
            path,
            line,
            `the doc comment of ${name} does not start with a sentence, write one`
          )
        ]),
    ...(/@since \d+\.\d+\.\d+/.test(doc)
      ? []
      : [problem(path, line, `the doc comment of ${name} has no @since, add it`)])
  ]
}

const snapshotProblems = (
  root: string,
  member: Workspace,
  current: string
): ReadonlyArray<string> => {
  const path = snapshotPath(member)
  if (!existsSync(join(root, path))) {
    return current === ""
      ? []
      : [problem(path, 1, "this list is missing, run `node scripts/exports.ts --update`")]
  }
  const before = readFileSync(join(root, path), "utf8").split("\n")
  const after = current.split("\n")
  const rest = "run `node scripts/exports.ts --update` when that is meant"
  return [
    ...before.flatMap((name, index) =>
      after.includes(name)
        ? []
        : [problem(path, index + 1, `the list has "${name}", the code has not: ${rest}`)]
    ),
    ...after
      .filter((name) => !before.includes(name))
      .map((name) => problem(path, before.length, `the list lacks "${name}": ${rest}`))
  ]
}

if (isMain(import.meta.url)) {
  if (process.argv.includes("--update")) update(repository)
  report(problems(repository))
}

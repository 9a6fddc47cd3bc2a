/**
 * Turns every `ts` fence of the documentation, and every program in `examples/`, into a test.
 *
 * The tests go to `.examples/test`, one file for each source file, under the same path: `npm test`
 * runs them and `npm run check` checks their types.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, posix } from "node:path"
import { type Binding, type ExampleFile, exampleFile } from "./internal/exampleFile.ts"
import { docFences, type Fence, markdownFences } from "./internal/fences.ts"
import { isMain, report, repository } from "./internal/report.ts"
import { parse } from "./internal/syntax.ts"
import { list, workspaces } from "./internal/workspaces.ts"

const folder = ".examples/test"

/** The generated files of the tree under `root`, by their path in it. */
export const generate = (root: string): ReadonlyMap<string, ExampleFile> => {
  const files = new Map<string, ExampleFile>()
  const names = namesOf(root)
  const add = (path: string, fences: ReadonlyArray<Fence>) => {
    if (fences.length === 0) return
    files.set(target(path), exampleFile(path, fences, names(path), fromTarget(path, runner)))
  }
  for (const path of list(root, "{packages,apps}/*/src/**/*.ts")) {
    add(path, docFences(path, read(root, path)))
  }
  for (const path of list(root, "**/README*.md", "docs/**/*.md")) {
    add(path, markdownFences(read(root, path)))
  }
  for (const path of list(root, "examples/*.ts")) {
    const file = `new URL("${fromTarget(path, path)}", import.meta.url)`
    const text = `import { $program } from "${fromTarget(path, runner)}"\n$program("${path}", ${file})\n`
    files.set(target(path), { text, problems: [] })
  }
  return files
}

/** Fences that cannot become a test. */
export const problems = (root: string): ReadonlyArray<string> =>
  [...generate(root).values()].flatMap(({ problems }) => problems)

/** Writes the generated files that changed, and removes those whose source is gone. */
export const write = (root: string): ReadonlyArray<string> => {
  const files = generate(root)
  for (const [path, { text }] of files) {
    if (existsSync(join(root, path)) && read(root, path) === text) continue
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const path of list(root, `${folder}/**/*.ts`)) {
    if (!files.has(path)) rmSync(join(root, path))
  }
  return [...files.values()].flatMap(({ problems }) => problems)
}

const runner = "scripts/internal/exampleTest.ts"
const target = (path: string): string => `${folder}/${path}.test.ts`
const fromTarget = (path: string, to: string): string =>
  posix.relative(posix.dirname(target(path)), to)

const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8")

// What JavaScript and TypeScript call by the same name: a fence that means Effect's imports it.
const ofTheLanguage = new Set(
  "Array BigInt Boolean Function Iterable Number Record RegExp Request String Symbol".split(" ")
)

/**
 * The names in scope of a file's fences: in a package's doc comments Effect's and the package's own,
 * elsewhere Effect's and those of all packages. The package that a file lies in comes first.
 */
const namesOf = (root: string): ((path: string) => ReadonlyMap<string, Binding>) => {
  const effect = barrel("effect", createRequire(import.meta.url).resolve("effect"))
  const packages = workspaces(root)
    .filter(({ kind }) => kind === "package")
    .map(({ folder, manifest }) => {
      const names = barrel(manifest.name, join(root, folder, "src/index.ts"))
      return { folder, names }
    })
  return (path) => {
    const own = packages.filter(({ folder }) => path.startsWith(`${folder}/`))
    const others = own.length > 0 && path.endsWith(".ts") ? [] : packages
    return new Map([
      ...effect.filter(([name]) => !ofTheLanguage.has(name)),
      ...[...others, ...own].flatMap(({ names }) => names)
    ])
  }
}

/** What the barrel of a package exports, each name from the module that it is the namespace of. */
const barrel = (name: string, index: string): ReadonlyArray<readonly [string, Binding]> => {
  const path = index.replace(/\.js$/, ".d.ts")
  if (!existsSync(path)) return []
  return parse(path, readFileSync(path, "utf8"))
    .module.staticExports.flatMap(({ entries }) => entries)
    .flatMap(({ exportName, importName }) => {
      if (exportName.name === null) return []
      const binding =
        importName.kind === "All"
          ? { source: `${name}/${exportName.name}`, imported: "*" }
          : { source: name, imported: exportName.name }
      return [[exportName.name, { ...binding, isType: false }] as const]
    })
}

if (isMain(import.meta.url)) report(write(repository))

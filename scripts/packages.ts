/**
 * What a stranger gets from npm: every package and app is built, packed, inspected and started.
 *
 * All of it happens in a temporary copy, without a network: the tree stays clean.
 */
import { execFile } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { basename, dirname, join, relative } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { bundle } from "./bundle.ts"
import { linkInstalled, linkWorkspaces } from "./internal/nodeModules.ts"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { list, type Workspace, workspaces } from "./internal/workspaces.ts"

const require = createRequire(import.meta.url)
const attw = join(dirname(require.resolve("@arethetypeswrong/cli/package.json")), "dist/index.js")
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc")

/** What is wrong with the packages that would be published from the tree under `root`. */
export const problems = async (root: string): Promise<ReadonlyArray<string>> => {
  const members = workspaces(root).filter(({ kind }) => kind !== "benchmarks")
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), "fibra-packages-"))
  try {
    const [copy, consumer] = [join(temporary, "copy"), join(temporary, "consumer")]
    copySources(root, copy, members)
    const unbuilt = await build(copy, members)
    if (unbuilt.length > 0) return unbuilt
    const packed = await pack(copy, members)
    await install(consumer, packed)
    const found = await Promise.all(
      packed.flatMap(({ member, tarball }) => [
        publintProblems(member, tarball),
        typesProblems(root, member, tarball),
        ...Object.entries(member.manifest.bin ?? {}).map(([name, path]) =>
          helpProblems(member, name, join(consumer, "node_modules", member.manifest.name, path))
        )
      ])
    )
    return found.flat()
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

interface Packed {
  readonly member: Workspace
  readonly tarball: string
}

const copySources = (root: string, copy: string, members: ReadonlyArray<Workspace>): void => {
  const left = new Set(["node_modules", "dist", "test"])
  for (const path of [
    "package.json",
    "tsconfig.base.json",
    "tsconfig.build.json",
    ...members.map(({ folder }) => folder)
  ]) {
    cpSync(join(root, path), join(copy, path), {
      recursive: true,
      filter: (source) => !left.has(basename(source))
    })
  }
  linkInstalled(repository, copy)
  linkWorkspaces(copy, members)
}

const build = async (
  copy: string,
  members: ReadonlyArray<Workspace>
): Promise<ReadonlyArray<string>> => {
  const path = "tsconfig.build.json"
  const missing = members.filter(
    ({ folder }) => !readFileSync(join(copy, path), "utf8").includes(`"${folder}/${path}"`)
  )
  if (missing.length > 0) {
    return missing.map(({ folder }) => problem(path, 1, `does not build ${folder}, add it`))
  }
  const { status, output } = await run(process.execPath, [tsc, "-b", path], copy)
  if (status === 0) {
    await bundle(copy)
    return []
  }
  const errors = [...output.matchAll(/^(\S+)\((\d+),\d+\): error \w+: (.*)$/gm)]
  return errors.length === 0
    ? [problem(path, 1, output)]
    : errors.map(([, file, line, text]) =>
        problem(relative(copy, join(copy, file!)), Number(line), text!)
      )
}

const pack = async (
  copy: string,
  members: ReadonlyArray<Workspace>
): Promise<ReadonlyArray<Packed>> => {
  const folders = members.map(({ folder }) => `./${folder}`)
  const { output, status } = await run("npm", ["pack", "--ignore-scripts", ...folders], copy)
  if (status !== 0) throw new Error(output)
  return members.map((member) => {
    const { name, version } = member.manifest
    const file = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`
    return { member, tarball: join(copy, file) }
  })
}

/** Unpacks the tarballs beside links to what they declare, and to nothing else. */
const install = async (consumer: string, packed: ReadonlyArray<Packed>): Promise<void> => {
  const names = new Set(packed.map(({ member }) => member.manifest.name))
  const foreign = packed.flatMap(({ member: { manifest } }) =>
    Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  )
  linkInstalled(
    repository,
    consumer,
    [...new Set(foreign)].filter((name) => !names.has(name))
  )
  for (const { member, tarball } of packed) {
    const target = join(consumer, "node_modules", member.manifest.name)
    mkdirSync(target, { recursive: true })
    const { output, status } = await run("tar", ["-xzf", tarball, "--strip-components=1"], target)
    if (status !== 0) throw new Error(output)
  }
}

/** Every message counts, suggestions too. */
const publintProblems = async (
  { folder }: Workspace,
  tarball: string
): Promise<ReadonlyArray<string>> => {
  const bytes = readFileSync(tarball)
  const pack = { tarball: new Uint8Array(bytes).buffer }
  const { messages, pkg } = await publint({ pack })
  return messages.map((message) =>
    problem(
      `${folder}/package.json`,
      1,
      `publint: ${formatMessage(message, pkg, { color: false })}`
    )
  )
}

/** Apps export nothing, so there are no types to look at. */
const typesProblems = async (
  root: string,
  { folder, kind }: Workspace,
  tarball: string
): Promise<ReadonlyArray<string>> => {
  if (kind === "app") return []
  const modules = list(root, `${folder}/src/*.ts`).map((path) => basename(path, ".ts"))
  const { output, status } = await run(process.execPath, [
    attw,
    tarball,
    "--profile=esm-only",
    "--format=ascii",
    "--no-summary",
    "--no-emoji",
    "--no-color",
    "--include-entrypoints",
    ...modules.filter((name) => name !== "index")
  ])
  if (status === 0) return []
  const path = `${folder}/package.json`
  const entries = output.split(/\n(?=")/).flatMap((entry) => {
    const wrong = /^(?:node16 \(from ESM\)|bundler): (?!OK|\(wildcard\)).*$/m.exec(entry)
    return wrong === null ? [] : [problem(path, 1, `attw: ${entry.split("\n")[0]}: ${wrong[0]}`)]
  })
  return entries.length > 0 ? entries : [problem(path, 1, `attw: ${output}`)]
}

const helpProblems = async (
  { folder }: Workspace,
  name: string,
  bin: string
): Promise<ReadonlyArray<string>> => {
  const path = `${folder}/bin/main.mjs`
  if (!existsSync(bin))
    return [problem(`${folder}/package.json`, 1, `${name} is not in the tarball`)]
  const { output, status } = await run(process.execPath, [bin, "--help"])
  return status === 0 && output.includes(name)
    ? []
    : [problem(path, 1, `\`${name} --help\` of the packed app ends with ${status}: ${output}`)]
}

interface Ended {
  readonly status: number
  /** What it said on stdout, then on stderr. */
  readonly output: string
}

const run = (command: string, args: ReadonlyArray<string>, cwd?: string): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" }
    execFile(command, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`
      if (error === null) resolve({ status: 0, output: said })
      else if (typeof error.code === "number") resolve({ status: error.code, output: said })
      else resolve({ status: 1, output: `${error.message}\n${said}` })
    })
  })

if (isMain(import.meta.url)) report(await problems(repository))

/** Every app has the one launcher, `bin/main.mjs`, byte by byte: a fix in one is a fix in all. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { type Workspace, workspaces } from "./internal/workspaces.ts"

const launcher = "bin/main.mjs"

/** Apps whose launcher differs from that of the first app, or is not what package.json starts. */
export const problems = (root: string): ReadonlyArray<string> => {
  const [first, ...others] = workspaces(root).filter(({ kind }) => kind === "app")
  if (first === undefined) return []
  const read = ({ folder }: Workspace): string | undefined => {
    const path = join(root, folder, launcher)
    return existsSync(path) ? readFileSync(path, "utf8") : undefined
  }
  const expected = read(first)
  return [
    ...[first, ...others].flatMap((app) => [
      ...(read(app) === undefined
        ? [problem(`${app.folder}/${launcher}`, 1, "is missing, copy that of another app")]
        : []),
      ...(Object.values(app.manifest.bin ?? {}).join() === `./${launcher}`
        ? []
        : [problem(`${app.folder}/package.json`, 1, `has one bin, and it is "./${launcher}"`)])
    ]),
    ...others
      .filter((app) => read(app) !== undefined && read(app) !== expected)
      .map(({ folder }) =>
        problem(
          `${folder}/${launcher}`,
          1,
          `differs from ${first.folder}/${launcher}, copy the right one`
        )
      )
  ]
}

if (isMain(import.meta.url)) report(problems(repository))

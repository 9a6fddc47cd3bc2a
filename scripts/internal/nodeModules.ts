/** A `node_modules` made of links: what is installed here, seen from another folder, without a network. */
import { mkdirSync, readdirSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Workspace } from "./workspaces.ts"

/** Links installed packages below `target`: all of them, or those named. The house's own are left out. */
export const linkInstalled = (
  repository: string,
  target: string,
  names: ReadonlyArray<string> = installed(repository)
): void => {
  for (const name of names) {
    const link = join(target, "node_modules", name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(repository, "node_modules", name), link)
  }
}

const installed = (repository: string): ReadonlyArray<string> =>
  readdirSync(join(repository, "node_modules"))
    .filter((name) => !name.startsWith(".") && name !== "@fibra")
    .flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(repository, "node_modules", name)).map((part) => `${name}/${part}`)
        : [name]
    )

/** Links the workspaces below `root` by their names, as `npm ci` does. */
export const linkWorkspaces = (root: string, members: ReadonlyArray<Workspace>): void => {
  for (const { folder, manifest } of members) {
    const link = join(root, "node_modules", manifest.name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, folder), link)
  }
}

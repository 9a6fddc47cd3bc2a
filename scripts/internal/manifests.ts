/** What package.json files may depend on, and with which versions. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { problem } from "./report.ts"
import { type Manifest, readManifest, type Workspace } from "./workspaces.ts"

const sections = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies"
] as const

/** Whether a workspace may depend on another one, for its sources or only for its tests. */
export type Allows = (member: Workspace, target: Workspace, inTests: boolean) => boolean

/** Dependencies that the layers forbid, and versions that are not those of the root. */
export const manifestProblems = (
  member: Workspace,
  members: ReadonlyArray<Workspace>,
  rootManifest: Manifest,
  allows: Allows
): ReadonlyArray<string> =>
  sections.flatMap((section) =>
    Object.entries(member.manifest[section] ?? {}).flatMap(([name, version]) => {
      const target = members.find(({ manifest }) => manifest.name === name)
      const texts = [
        ...(target === undefined || allows(member, target, section === "devDependencies")
          ? []
          : [`depends on ${name}, which the table in scripts/layers.ts does not allow, remove it`]),
        ...versionProblems(name, version, expectedVersion(name, section, target, rootManifest))
      ]
      return texts.map((text) =>
        problem(`${member.folder}/package.json`, lineOf(member.manifestText, section, name), text)
      )
    })
  )

/** Versions of Effect in the root package.json that are not exact. */
export const rootPinProblems = (root: string): ReadonlyArray<string> => {
  const path = join(root, "package.json")
  const manifest = readManifest(path)
  return sections.flatMap((section) =>
    Object.entries(manifest[section] ?? {})
      .filter(([name, version]) => isEffect(name) && !/^\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) =>
        problem(
          "package.json",
          lineOf(readFileSync(path, "utf8"), section, name),
          `${name} is "${version}", pin one exact version`
        )
      )
  )
}

const isEffect = (name: string): boolean => name === "effect" || name.startsWith("@effect/")

/** Undefined where any version will do. */
const expectedVersion = (
  name: string,
  section: (typeof sections)[number],
  target: Workspace | undefined,
  { dependencies, devDependencies }: Manifest
): string | undefined => {
  if (target !== undefined) return target.manifest.version
  if (!isEffect(name)) return undefined
  const pin =
    { ...dependencies, ...devDependencies }[name] ?? "the version of the root package.json"
  return section === "peerDependencies" ? `^${pin}` : pin
}

const versionProblems = (
  name: string,
  version: string,
  expected: string | undefined
): ReadonlyArray<string> =>
  expected === undefined || version === expected
    ? []
    : [`${name} is "${version}", write "${expected}"`]

/** The line of an entry in a section of package.json. */
const lineOf = (text: string, section: string, name: string): number => {
  const at = text.indexOf(`"${name}"`, text.indexOf(`"${section}"`))
  return text.slice(0, at).split("\n").length
}

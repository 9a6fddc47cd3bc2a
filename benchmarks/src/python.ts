/** The Pythons that run contenders, as far as there are any. */
import { execFileSync } from "node:child_process"

/** What a contender may need besides Python itself. */
export const pythonPackages = ["uvloop", "aiofiles", "aiohttp", "lxml", "scrapy"] as const

export type PythonPackage = (typeof pythonPackages)[number]

export interface PythonVersion {
  /** As it was asked for: `python3`, or a path. */
  readonly command: string
  readonly executable: string
  readonly version: string
  /** The versions of those that are installed. */
  readonly packages: Partial<Readonly<Record<PythonPackage, string>>>
}

/** asyncio has had `TaskGroup`, `timeout` and `Runner` since then. */
export const pythonMin = "3.11"

const question = `
import importlib.metadata, json, sys
def packages():
    for name in ${JSON.stringify(pythonPackages)}:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
print(json.dumps({
    "recent": sys.version_info >= (${pythonMin.replace(".", ", ")}),
    "executable": sys.executable,
    "version": sys.version.split()[0],
    "packages": dict(packages()),
}))
`

/**
 * Those that are recent enough: the first `python3` of the PATH, and the one of the system, which may
 * have other packages. The one with most packages goes first: it runs all it can, so that the rows of
 * a table are of one Python where that is possible.
 */
export const findPythons = (): ReadonlyArray<PythonVersion> => {
  const found = ["python3", "/usr/bin/python3"].flatMap((command) => {
    try {
      const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"]
      const answer = execFileSync(command, ["-c", question], { encoding: "utf8", stdio })
      const { recent, ...python } = JSON.parse(answer) as PythonVersion & { recent: boolean }
      return recent ? [{ ...python, command }] : []
    } catch {
      return []
    }
  })
  const count = ({ packages }: PythonVersion) => Object.keys(packages).length
  return found.toSorted((a, b) => count(b) - count(a))
}

/** The first that has all of these packages. */
export const pythonWith = (
  pythons: ReadonlyArray<PythonVersion>,
  needs: ReadonlyArray<PythonPackage>
): PythonVersion | undefined =>
  pythons.find(({ packages }) => needs.every((name) => packages[name] !== undefined))

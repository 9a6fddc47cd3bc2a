/** The Python that runs the contenders of asyncio, if there is one. */
import { execFileSync } from "node:child_process"

export interface PythonVersion {
  readonly executable: string
  readonly version: string
  readonly uvloop: string | null
}

/** asyncio has had `TaskGroup`, `timeout` and `Runner` since then. */
export const pythonMin = "3.11"

const question = `
import json, sys
try:
    import uvloop
except ImportError:
    uvloop = None
print(json.dumps({
    "recent": sys.version_info >= (${pythonMin.replace(".", ", ")}),
    "executable": sys.executable,
    "version": sys.version.split()[0],
    "uvloop": uvloop and uvloop.__version__,
}))
`

/** The first recent enough `python3`; one that has uvloop goes first. */
export const findPython = (): PythonVersion | undefined => {
  const found = ["python3", "/usr/bin/python3"].flatMap((command) => {
    try {
      const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"]
      const answer = execFileSync(command, ["-c", question], { encoding: "utf8", stdio })
      const { recent, ...version } = JSON.parse(answer) as PythonVersion & { recent: boolean }
      return recent ? [version] : []
    } catch {
      return []
    }
  })
  return found.find(({ uvloop }) => uvloop !== null) ?? found[0]
}

/** The contenders that are written in Python, in the folder `python` beside this file. */
import type { Contender, Python } from "../workload.ts"

const file = new URL("python/files.py", import.meta.url)

export const python = (contender: string, needs: Python["needs"] = []): Contender => ({
  run: { file, contender, loop: "asyncio", needs }
})

export const aiofiles = (contender: string): Contender => python(contender, ["aiofiles"])

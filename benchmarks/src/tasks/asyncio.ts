/** The contenders that are written in Python, in the folder `asyncio` beside this file. */
import type { Contender, Python } from "../workload.ts"

export const asyncio = (
  file: string,
  contender: string,
  loop: Python["loop"] = "asyncio"
): Contender => ({
  run: { file: new URL(`asyncio/${file}`, import.meta.url), contender, loop }
})

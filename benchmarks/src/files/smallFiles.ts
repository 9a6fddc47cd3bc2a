/** Many small files: whole and durable, or just written. */
import * as AtomicFile from "@fibra/files/AtomicFile"
import { open, rename, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Workload } from "../workload.ts"
import { run } from "./ours.ts"
import { aiofiles } from "./python.ts"
import { files, line } from "./scratch.ts"

const content = line.repeat(5)
const concurrency = 16

/** Runs `write` for each number up to n, some at once. */
const each = async (size: number, write: (index: number) => Promise<unknown>) => {
  let next = 0
  const work = async () => {
    for (let index = next++; index < size; index = next++) await write(index)
  }
  await Promise.all(Array.from({ length: concurrency }, work))
}

const common = {
  module: import.meta.url,
  measure: "wall",
  warmUp: { size: 200, seconds: 0.5 },
  operationsMin: 2_000,
  sizes: [2_000]
} as const

const durable: Workload = {
  ...common,
  name: "small files, durable",
  work: `Writes n files of 1 kB, ${concurrency} at once: each is whole or not there, and survives a power loss.`,
  baseline: "AtomicFile.writeAll",
  contenders: {
    "AtomicFile.writeAll": {
      run: files((folder, size) =>
        run(
          AtomicFile.writeAll(
            Array.from({ length: size }, (_, index) => ({
              path: join(folder, `${index}`),
              content
            }))
          )
        )
      ),
      note: "looks what is there first, to keep links, permissions and the owner."
    },
    "node:fs, by hand": {
      run: files(async (folder, size) => {
        await each(size, async (index) => {
          const path = join(folder, `${index}`)
          const file = await open(`${path}.tmp`, "wx")
          await file.write(content)
          await file.sync()
          await file.close()
          await rename(`${path}.tmp`, path)
        })
        const directory = await open(dirname(join(folder, "x")), "r")
        await directory.sync()
        await directory.close()
      })
    }
  }
}

const volatileFiles: Workload = {
  ...common,
  name: "small files, volatile",
  work: `Writes n files of 1 kB, ${concurrency} at once, in place: a crash may leave half a file.`,
  baseline: "node:fs writeFile",
  contenders: {
    "node:fs writeFile": {
      run: files((folder, size) =>
        each(size, (index) => writeFile(join(folder, `${index}`), content))
      ),
      note: "we have nothing that promises so little: this is what the durable ones cost on top."
    },
    aiofiles: aiofiles("aiofiles, small files")
  }
}

export const workloads: ReadonlyArray<Workload> = [durable, volatileFiles]

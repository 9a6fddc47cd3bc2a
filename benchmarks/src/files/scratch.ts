/** A folder for the files of one round, and what was written there. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Body, Meter } from "../workload.ts"

/** One line of a file: about what a crawled page or a log event takes. */
export const line = JSON.stringify({
  id: 123_456,
  url: "https://example.com/products/123456",
  title: "A product with a name of usual length",
  price: 12.5,
  tags: ["one", "two"],
  at: "2026-01-01T00:00:00.000Z"
}).padEnd(199, " ")

/** With its newline. */
const lineBytes = line.length + 1

/** What a contender does in a round: writes `size` lines to `path`, and is done when they are there. */
export type Write = (path: string, size: number) => Promise<unknown>

/** Measured from the opening of the file to its closing; lines that are not in it do not count. */
export const lines =
  (write: Write): Body =>
  (size, meter) =>
    inFolder(async (folder) => {
      const path = join(folder, "lines")
      await measured(meter, () => write(path, size))
      return statSync(path).size / lineBytes
    })

/** The same for whole files in a folder. */
export const files =
  (write: Write): Body =>
  (size, meter) =>
    inFolder(async (folder) => {
      await measured(meter, () => write(folder, size))
      return readdirSync(folder).length
    })

const measured = async (meter: Meter, run: () => Promise<unknown>) => {
  meter.begin()
  await run()
  meter.end()
}

const inFolder = async (run: (folder: string) => Promise<number>): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "fibra-bench-"))
  try {
    return await run(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

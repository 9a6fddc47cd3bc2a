/** The traces that are kept beside the scenarios: one file each, a header line and then the trace. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** What a scenario prints, line by line. */
export type Trace = ReadonlyArray<string>

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`traces/${name}.txt`, import.meta.url))

/** The first line of what Python printed. */
export const headerOf = (version: string) =>
  `# CPython ${version}, written by npm run parity -- --record`

/** What the Python program printed when it was recorded. */
export const recorded = (name: string): Trace => read(name)

/** What the TypeScript program is to print where it differs on purpose; written by hand. */
export const listed = (name: string): Trace => read(`${name}.fibra`)

/** Keeps what the Python program of that version printed. */
export const record = (name: string, version: string, trace: Trace): void =>
  writeFileSync(fileOf(name), `${[headerOf(version), ...trace].join("\n")}\n`)

const read = (file: string): Trace => linesOf(readFileSync(fileOf(file), "utf8")).slice(1)

/** The lines of a text that ends with a line break. */
export const linesOf = (text: string): Trace => text.trimEnd().split("\n")

/** What the files of a sink are called: `DIR/PARTITION/rows.jsonl`, or `rows.000001.jsonl` and so on. */
import type * as Path from "effect/Path"

export interface FileNames {
  /** The directory of the target. Names of files are relative to it. */
  readonly root: string
  /** The directory of a partition. */
  readonly directoryOf: (partition: string) => string
  /** The name of the file with that number; without rotation there is one, and its number is 0. */
  readonly nameOf: (number: number) => string
  /** The number of the file with that name; `undefined` when it is none of ours. */
  readonly numberOf: (name: string) => number | undefined
  /** A file as the manifest and acknowledgements call it. */
  readonly relative: (path: string) => string
}

const digits = 6

export const make = (paths: Path.Path, target: string, isRotated: boolean): FileNames => {
  const root = paths.dirname(target)
  const base = paths.basename(target)
  // Everything from the first dot on: `.jsonl.gz`. A dot at the start is a part of the name.
  const dot = base.indexOf(".", 1)
  const stem = dot === -1 ? base : base.slice(0, dot)
  const extension = dot === -1 ? "" : base.slice(dot)
  const numbered = (name: string) => {
    if (!name.startsWith(`${stem}.`) || !name.endsWith(extension)) return undefined
    const number = name.slice(stem.length + 1, name.length - extension.length)
    return new RegExp(`^\\d{${digits},}$`).test(number) ? Number(number) : undefined
  }
  return {
    root,
    directoryOf: (partition) => paths.join(root, partition),
    nameOf: (number) =>
      number === 0 ? base : `${stem}.${String(number).padStart(digits, "0")}${extension}`,
    numberOf: isRotated ? numbered : (name) => (name === base ? 0 : undefined),
    relative: (path) => paths.relative(root, path)
  }
}

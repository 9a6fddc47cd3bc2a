/** `DIFFERENCES.md`: every deliberate difference, with its reason and both traces. */
import { readFileSync, writeFileSync } from "node:fs"
import { difference } from "./compare.ts"
import { rules } from "./rules.ts"
import { listed, recorded } from "./traces.ts"

const file = new URL("DIFFERENCES.md", import.meta.url)

/** What the file says now. */
export const read = (): string => readFileSync(file, "utf8")

/** Writes the file anew. */
export const write = (): void => writeFileSync(file, render())

/** What the file is to say, after the table of rules and the traces. */
export const render = (): string =>
  [
    "# Where Fibra differs from asyncio, and why",
    "",
    "Written by `npm run parity -- --record`. Lines with `-` are printed by CPython only, lines with",
    "`+` by Fibra only. Every other rule prints the same trace on both.",
    "",
    ...rules.flatMap(({ differs, name, title }) =>
      differs === undefined
        ? []
        : [
            `## ${heading(name)} ${title}`,
            "",
            differs,
            "",
            "```diff",
            ...difference(recorded(name), listed(name)),
            "```",
            ""
          ]
    ),
    "## What the traces do not show",
    "",
    ...rules.flatMap(({ name, note, title }) =>
      note === undefined ? [] : [`- **${heading(name)} ${title}.** ${note}`]
    ),
    ""
  ].join("\n")

const heading = (name: string) => `${Number.parseInt(name, 10)}.`

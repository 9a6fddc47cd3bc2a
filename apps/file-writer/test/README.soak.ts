/** The transcript in the README is a real one: `FIBRA_TRANSCRIPT=write` makes it anew. */
import { readFileSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { shell, temporaryDirectory } from "./support/program.ts"

const readme = new URL("../README.md", import.meta.url)
const fence = /```console\n([^]*?)```/g
const mark = "-- the next command --"

const commandsIn = (block: string) =>
  block.split("\n").flatMap((line) => (line.startsWith("$ ") ? [line.slice(2)] : []))

/** What each command prints, all in one shell and in an empty directory. */
const printed = Effect.fnUntraced(function* (commands: ReadonlyArray<string>) {
  const steps = commands.map((command) => `echo '${mark}'\n${command}`)
  const npx = 'npx() { shift; program "$@"; }'
  const script = ["exec 2>&1", `cd '${yield* temporaryDirectory}'`, npx, ...steps].join("\n")
  const { stdout } = yield* shell(script)
  return stdout.split(`${mark}\n`).slice(1)
})

/** Without what is different each time: how fast it was, and where it was killed. */
const stable = (text: string) =>
  text
    .replace(/^.*: line \d+: +\d+ (Killed).*$/gm, "$1")
    .replace(/^\d+ rows, [\d.]+ MB in .*$/gm, "… rows in … s")
    .replace(/^(received )\d+( = written )\d+(.* earlier run: )\d+\)$/gm, "$1…$2…$3…)")
    .replace(/^(.*: )\d+( rows committed, )\d+( bytes)$/gm, "$1…$2…$3")

describe("README", () => {
  it.live(
    "FWR44: the transcript is what the program prints",
    () =>
      Effect.gen(function* () {
        const before = readFileSync(readme, "utf8")
        const blocks = Array.from(before.matchAll(fence), ([, block]) => commandsIn(block!))
        assert.isAbove(blocks.flat().length, 10)
        const outputs = yield* printed(blocks.flat())
        const after = before.replace(fence, () => {
          const lines = blocks.shift()!.map((command) => `$ ${command}\n${outputs.shift()}`)
          const text = lines.join("").replace(/^.*: line \d+: +\d+ (Killed).*$/gm, "$1")
          return `\`\`\`console\n${text}\`\`\``
        })
        if (process.env["FIBRA_TRANSCRIPT"] === "write") writeFileSync(readme, after)
        else assert.strictEqual(stable(after), stable(before))
      }),
    60_000
  )
})

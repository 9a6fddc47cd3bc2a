import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import * as SchemaModule from "../src/SchemaModule.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "schema-module-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)
const effect = dirname(fileURLToPath(import.meta.resolve("effect/package.json")))

const price = `import { Schema } from "effect"
export default Schema.Struct({ name: Schema.NonEmptyString, price: Schema.FiniteFromString })
`

/** A module beside an Effect of its own, or a link to ours. */
const written = Effect.fnUntraced(function* (source: string, install: typeof cpSync) {
  const at = yield* folder
  const modules = join(at, "node_modules")
  mkdirSync(modules)
  install(effect, join(modules, "effect"), { recursive: true, filter: isNeeded })
  writeFileSync(join(at, "schema.mjs"), source)
  return join(at, "schema.mjs")
})
const isNeeded = (path: string) => !/\.(map|d\.ts)$|effect\/(src|ai-docs|node_modules)$/.test(path)
const link: typeof cpSync = (from, to) => symlinkSync(from as string, to as string)

describe("SchemaModule", () => {
  it.live.each([
    ["another copy of Effect", cpSync],
    ["our copy of Effect", link]
  ] as const)("SCM1, SCM2: a schema with %s", ([, install]) =>
    Effect.gen(function* () {
      const schema = yield* SchemaModule.load(yield* written(price, install))
      const decode = Schema.decodeUnknownResult(schema)
      assert.deepStrictEqual(
        decode({ name: "Tea", price: "4.5" }),
        Result.succeed({ name: "Tea", price: 4.5 })
      )
      const { message } = Result.getOrThrow(Result.flip(decode({ name: "", price: null })))
      assert.match(message, /at \["name"\]\n.*\n  at \["price"\]$/)
    })
  )

  it.live.each([
    ["export default 1", "its default export is no schema of Effect 4"],
    ["throw new Error('broken')", "broken"],
    [undefined, "Cannot find"]
  ] as const)("SCM2: %j is refused", ([source, reason]) =>
    Effect.gen(function* () {
      const path = source === undefined ? "/nowhere.mjs" : yield* written(source, link)
      const error = yield* Effect.flip(SchemaModule.load(path))
      assert.match(error.message, new RegExp(`^cannot use the schema of ${path}: .*${reason}`))
    })
  )
})

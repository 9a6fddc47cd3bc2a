/** A module of the user's with a schema that fields must fit: `export default Schema.Struct({…})`. */
import * as Program from "@fibra/cli/Program"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Flag from "effect/cli/Flag"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"

export const flag = Flag.String("schema").pipe(
  Flag.withMetavar("FILE.ts"),
  Flag.withDescription(
    "A module whose default export is a schema of Effect: it makes numbers and dates of texts, and rows" +
      " that do not fit are rejected (default: none). It is run"
  ),
  Flag.optional
)

/** Runs the module. Its schema must need no services. */
export const load = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Schema.ConstraintDecoder<unknown>, Program.Stopped> {
  const stop = (reason: string) =>
    new Program.Stopped({ exitCode: 3, reason: `cannot use the schema of ${path}: ${reason}` })
  const module = yield* Effect.tryPromise({
    try: (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(resolve(path)).href),
    catch: (cause) => stop(cause instanceof Error ? cause.message : String(cause))
  })
  const schema = module.default
  if (!isDecoder(schema)) return yield* stop("its default export is no schema of Effect")
  return schema
})

const isDecoder = (value: unknown): value is Schema.ConstraintDecoder<unknown> =>
  Schema.isSchema(value)

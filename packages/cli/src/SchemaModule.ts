/**
 * A module of the user's with a schema that data must fit: `export default Schema.Struct({…})`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { createRequire } from "node:module"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"

/**
 * A module cannot be loaded, or its default export is no schema.
 *
 * @since 0.1.0
 */
export class SchemaNotUsable extends Data.TaggedError("SchemaNotUsable")<{
  readonly path: string
  readonly cause: unknown
}> {
  override get message(): string {
    const reason = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `cannot use the schema of ${this.path}: ${reason}`
  }
}

/**
 * Runs the module, and gives a schema that decodes as its own does, which must need no services.
 *
 * The module decodes with the copy of Effect that it imports: an installed program has another one, and
 * two copies do not understand each other's schemas.
 *
 * ```ts
 * const missing = yield* Effect.flip(SchemaModule.load("nowhere.ts"))
 * missing._tag // => "SchemaNotUsable"
 * ```
 *
 * @since 0.1.0
 */
export const load = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Schema.ConstraintDecoder<unknown>, SchemaNotUsable> {
  const refuse = (cause: unknown) => new SchemaNotUsable({ path, cause })
  const url = pathToFileURL(resolve(path)).href
  const module = yield* Effect.tryPromise({
    try: (): Promise<{ readonly default?: unknown }> => import(url),
    catch: refuse
  })
  const schema = module.default
  if (!isDecoder(schema)) {
    return yield* refuse(new Error("its default export is no schema of Effect 4"))
  }
  const decodeUnknownResult = yield* Effect.tryPromise({
    try: () => decoderOf(url),
    catch: refuse
  })
  const decode = decodeUnknownResult(schema, { errors: "all" })
  return Schema.declareConstructor<unknown>()([], () => (input) => {
    const decoded = decode(input)
    return Result.isSuccess(decoded)
      ? Effect.succeed(decoded.success)
      : Effect.fail(new SchemaIssue.InvalidValue({ message: decoded.failure.message }))
  })
})

/** A module that imports no Effect has its schema from elsewhere: maybe from the copy that is ours. */
const decoderOf = async (url: string): Promise<typeof Schema.decodeUnknownResult> => {
  const own = Result.try(() => createRequire(url).resolve("effect/Schema"))
  // By its name: the whole module would be a tenth of a bundle, and of what it takes to start.
  if (Result.isFailure(own)) return Schema.decodeUnknownResult
  const { decodeUnknownResult }: typeof Schema = await import(pathToFileURL(own.success).href)
  return decodeUnknownResult
}

const isDecoder = (value: unknown): value is Schema.ConstraintDecoder<unknown> =>
  Schema.isSchema(value)

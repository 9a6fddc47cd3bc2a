/** A module of the user's with a schema that rows must fit: `export default Schema.Struct({…})`. */
import { Cause, Data, Effect, Exit, Schema } from "effect"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"

export class SchemaNotUsable extends Data.TaggedError("SchemaNotUsable")<{
  readonly path: string
  readonly cause: unknown
}> {
  override get message(): string {
    const reason = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `cannot use the schema of ${this.path}: ${reason}`
  }
}

/** Says why a row does not fit; `undefined` when it does. */
export type Check = (value: Schema.Json | undefined) => string | undefined

/** Runs the module. Its schema must need no services. */
export const load = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Check, SchemaNotUsable> {
  const module = yield* Effect.tryPromise({
    try: (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(resolve(path)).href),
    catch: (cause) => new SchemaNotUsable({ path, cause })
  })
  const schema = module.default
  if (!isCodec(schema)) {
    const cause = new Error("its default export is no schema of Effect")
    return yield* new SchemaNotUsable({ path, cause })
  }
  const decode = Schema.decodeUnknownExit(schema)
  return (value) => {
    const exit = decode(value)
    return Exit.isSuccess(exit) ? undefined : reasonOf(exit.cause)
  }
})

const isCodec = (value: unknown): value is Schema.Codec<unknown, unknown> => Schema.isSchema(value)

/** In one line. */
const reasonOf = (cause: Cause.Cause<Schema.SchemaError>): string => {
  const error = Cause.squash(cause)
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, " ")
}

/** The schema that rows must fit, from a module of the user's. */
import * as Program from "@fibra/cli/Program"
import * as SchemaModule from "@fibra/cli/SchemaModule"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"

export const flag = Flag.String("schema").pipe(
  Flag.withMetavar("FILE.ts"),
  Flag.withDescription(
    "A module whose default export is a schema of Effect: it makes numbers and dates of texts, and rows" +
      " that do not fit are rejected (default: none). It is run"
  ),
  Flag.optional
)

export const load = (path: string) =>
  Effect.mapError(
    SchemaModule.load(path),
    ({ message }) => new Program.Stopped({ exitCode: 3, reason: message })
  )

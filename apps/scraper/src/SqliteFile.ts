/** Rows as a table of a new SQLite database. */
import * as Program from "@fibra/cli/Program"
import * as Effect from "effect/Effect"
import type { Json, JsonObject } from "effect/Schema"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import type { Column } from "./Columns.ts"

interface SqliteFile {
  readonly insert: (rows: ReadonlyArray<JsonObject>) => Effect.Effect<void, Program.Stopped>
  /** Completes the file, which is not durable yet. */
  readonly close: Effect.Effect<void, Program.Stopped>
}

/** The file must not be there. It needs no journal: nobody sees it before it is complete. */
export const create = Effect.fnUntraced(function* (
  path: string,
  table: string,
  columns: ReadonlyArray<Column>
) {
  const attempt = <A>(run: () => A) =>
    Effect.try({
      try: run,
      catch: (cause) => new Program.Stopped({ exitCode: 3, reason: (cause as Error).message })
    })
  const database = yield* Effect.acquireRelease(
    attempt(() => new DatabaseSync(path)),
    (database) => Effect.sync(() => database.isOpen && database.close())
  )
  const insert = yield* attempt(() => {
    const definitions = columns.map(({ name, type }) => `${quote(name)} ${affinities[type]}`)
    database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      CREATE TABLE ${table} (${definitions.join(", ") || "url TEXT"}) STRICT; BEGIN`)
    return database.prepare(
      `INSERT INTO ${table} VALUES (${columns.map(() => "?").join(", ") || "NULL"})`
    )
  })
  return {
    insert: (rows) =>
      attempt(() => {
        for (const row of rows) insert.run(...columns.map((column) => cellOf(row, column)))
      }),
    close: attempt(() => {
      database.exec("COMMIT")
      database.close()
    })
  } satisfies SqliteFile as SqliteFile
})

const affinities = {
  boolean: "INTEGER",
  integer: "INTEGER",
  number: "REAL",
  text: "TEXT",
  json: "TEXT"
} as const satisfies Record<Column["type"], string>

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

const cellOf = (row: JsonObject, { name, type }: Column): SQLInputValue => {
  const value: Json = Object.hasOwn(row, name) ? (row[name] ?? null) : null
  if (value === null) return null
  if (type === "json") return JSON.stringify(value)
  return typeof value === "boolean" ? Number(value) : (value as string | number)
}

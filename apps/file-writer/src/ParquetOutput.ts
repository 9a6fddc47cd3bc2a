/** A Parquet file: rows are written in groups, and the file is published whole. */
import { AtomicFile, Format } from "@fibra/files"
import { Effect, type FileSystem, type Path, type Schema, type Scope } from "effect"
import type { ParquetWriter as Writer } from "hyparquet-writer"
import { none } from "./Kept.ts"
import type { Output, Refuse } from "./Output.ts"
import * as ParquetColumns from "./ParquetColumns.ts"
import type { Plan } from "./Plan.ts"
import type { TextRow } from "./TextRow.ts"

/** Rows of a group, of which a reader takes all or none; readers like them large. */
const groupRowsMax = 10_000
/** Characters of the rows of a group. */
const groupTextMax = 32 * 1024 * 1024

type Services = Scope.Scope | FileSystem.FileSystem | Path.Path

/** The columns are those of the plan or, without any, the fields of the first group of rows. */
export const open = Effect.fnUntraced(function* (
  plan: Plan,
  refuse: Refuse
): Effect.fn.Return<Output, AtomicFile.WriteFailed, Services> {
  // Only runs that need it load it.
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = yield* Effect.promise(
    () => import("hyparquet-writer")
  )
  const file = yield* AtomicFile.open(plan.output)
  const bytes = new ByteWriter()
  const written = { rows: 0, bytes: 0 }
  let columns: ReadonlyArray<ParquetColumns.Column> | undefined
  let writer: Writer | undefined
  let isPublished = false
  let group: Array<TextRow> = []
  let groupText = 0

  /** Hands over what the writer has encoded. */
  const drain = Effect.suspend(() => {
    const encoded = bytes.getBytes().slice()
    bytes.index = 0
    written.bytes += encoded.length
    return file.write(encoded)
  })

  const writeGroup = Effect.gen(function* () {
    const rows = group
    group = []
    groupText = 0
    columns ??= ParquetColumns.of(rows, plan.columns)
    const isClosed = plan.columns.length === 0
    const good: Array<Schema.JsonObject> = []
    for (const row of rows) {
      const fitting = ParquetColumns.fit(row.value, columns, isClosed)
      if (typeof fitting !== "string") good.push(fitting)
      else yield* refuse(row, new Format.RowNotEncodable({ row: row.text, reason: fitting }))
    }
    const columnData = ParquetColumns.dataOf(columns, good)
    writer ??= new ParquetWriter({
      writer: bytes,
      schema: schemaFromColumnData({ columnData })
    })
    if (good.length > 0)
      yield* Effect.sync(() => writer!.write({ columnData, rowGroupSize: good.length }))
    yield* drain
    written.rows += good.length
  })

  return {
    linesDone: 0,
    write: Effect.fnUntraced(function* (rows) {
      for (const row of rows) {
        group.push(row)
        groupText += row.text.length
        if (group.length === groupRowsMax || groupText >= groupTextMax) yield* writeGroup
      }
    }),
    finish: () =>
      Effect.gen(function* () {
        yield* writeGroup
        yield* Effect.sync(() => writer!.finish())
        yield* drain
        yield* file.publish
        isPublished = true
      }),
    progress: Effect.sync(() => ({
      rows: written.rows,
      commits: 0,
      buffered: group.length,
      file: plan.output
    })),
    kept: Effect.sync(() => ({
      ...none,
      ...(isPublished ? written : {}),
      isPublished,
      where: isPublished ? plan.output : undefined
    }))
  }
})

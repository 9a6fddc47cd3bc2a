/** ETL: rows from a file, checked, and loaded into a database in batches. */
import assert from "node:assert/strict"
import { DatabaseSync } from "node:sqlite"
import { JsonlSink } from "@fibra/files"
import { Array, Console, Effect, FileSystem, Schema, Stream } from "effect"

const Order = Schema.Struct({ id: Schema.Int, cents: Schema.Int })
const decode = Schema.decodeEffect(Schema.fromJsonString(Order))

export const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "tour-" })
  const bad = new Map([
    [7, "{"],
    [50, '{"id":50,"cents":"much"}']
  ])
  const lines = Array.range(1, 100).map(
    (n) => bad.get(n) ?? JSON.stringify({ id: n, cents: n * 10 })
  )
  const source = `${folder}/orders.jsonl`
  yield* fs.writeFileString(source, `${lines.join("\n")}\n`)

  const database = yield* Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(`${folder}/orders.db`)),
    (database) => Effect.sync(() => database.close())
  )
  database.exec("create table orders (id integer primary key, cents)")
  const insert = database.prepare("insert into orders values (?, ?)")
  const load = (batch: ReadonlyArray<typeof Order.Type>) =>
    Effect.sync(() => {
      database.exec("begin")
      for (const { cents, id } of batch) insert.run(id, cents)
      database.exec("commit")
    })

  const rejects = yield* JsonlSink.make({ path: `${folder}/rejected.jsonl` })
  const check = (line: string) =>
    Effect.matchEffect(decode(line), {
      onFailure: ({ message }) =>
        Effect.as(rejects.offer({ line, message }), []),
      onSuccess: (order) => Effect.succeed([order])
    })

  yield* fs
    .stream(source)
    .pipe(
      Stream.decodeText,
      Stream.splitLines,
      Stream.mapEffect(check, { concurrency: 8 }),
      Stream.flattenIterable,
      Stream.grouped(25),
      Stream.runForEach(load)
    )
  const { rows: rejected } = yield* rejects.finish
  const query = "select count(*) as loaded, sum(cents) as cents from orders"
  const { cents, loaded } = database.prepare(query).get()!
  yield* Console.log(`received 100 = loaded ${loaded} + rejected ${rejected}`)
  yield* Console.log("cents:", cents)
  assert.deepEqual([loaded, rejected], [98, 2])
})

/** A process that writes rows until it is killed, and prints the number of each that was acknowledged. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { FileSink, Format } from "@fibra/files"
import { Effect, type Schema } from "effect"
import { writeSync } from "node:fs"

export interface Order {
  readonly path: string
  /** Rows are numbered from here. */
  readonly from: number
  readonly isLarge: boolean
}

/** Rows of different lengths, some of them longer than a page. */
const rowOf = (id: number) => ({ id, key: `k${id % 5}`, text: "x".repeat((id * 37) % 5000) })

export const optionsOf = ({ isLarge, path }: Order): FileSink.Options<Schema.Json> => ({
  path,
  format: Format.jsonl,
  batchEvery: "1 millis",
  ...(isLarge ? large : {})
})

const large: Partial<FileSink.Options<Schema.Json>> = {
  compression: "gzip",
  manifest: true,
  rotate: { rowsMax: 100 },
  partition: { by: (row) => (row as ReturnType<typeof rowOf>).key, openFilesMax: 3 }
}

const main = Effect.fnUntraced(function* (order: Order) {
  let id = order.from
  const sink = yield* FileSink.make(optionsOf(order))
  const produce = Effect.suspend(() => {
    const row = rowOf(id++)
    return Effect.map(sink.offer(row), () => void writeSync(1, `${row.id}\n`))
  })
  yield* Effect.forEach(Array.from({ length: 16 }), () => Effect.forever(produce), {
    concurrency: "unbounded"
  })
})

if (import.meta.main) {
  const order = JSON.parse(process.argv[2]!) as Order
  Effect.runFork(main(order).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
}

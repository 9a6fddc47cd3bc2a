/** One run of `file-writer write`: reads rows, checks them, writes them, and gives an account. */
import { Program } from "@fibra/cli"
import { Effect, Logger, Stream } from "effect"
import * as Account from "./Account.ts"
import * as Input from "./Input.ts"
import * as Output from "./Output.ts"
import * as Rejects from "./Rejects.ts"
import * as Report from "./Report.ts"
import * as Rows from "./Rows.ts"
import * as Run from "./Run.ts"

/** Fails with an exit code that the help names, after everything else has been said. */
export const write = Effect.fnUntraced(function* (options: Run.Options) {
  const run = yield* Run.make(options)
  yield* Effect.scoped(copy(run)).pipe(
    Effect.onExit((exit) => Report.giveAccount(run, exit)),
    Effect.provide(Logger.layer([run.screen.logger])),
    Effect.mapError(({ message }) => new Program.Stopped({ exitCode: 3, reason: message }))
  )
  if (run.counts.rejected > 0) return yield* new Program.Stopped({ exitCode: 8, reason: "" })
})

const copy = Effect.fnUntraced(
  function* (run: Run.Run) {
    const { counts, options, screen } = run
    const output = (run.output = yield* Output.open(options.output))
    const rejects = (run.rejects = yield* Rejects.open(options.rejects, screen))
    if (!options.json) yield* Effect.forkScoped(Report.showProgress(run))
    const rows = Rows.make(options)
    yield* Stream.runForEach(Input.bytesOf(options.from), (bytes) => {
      counts.bytesRead += bytes.length
      return take(counts, rows.push(bytes), output, rejects)
    })
    yield* take(counts, rows.end(), output, rejects)
    // The output comes last: where it is, the rejects that belong to it are too.
    yield* rejects.finish
    yield* output.finish
  },
  Effect.catchTag("RowNotEncodable", Effect.die)
)

const take = Effect.fnUntraced(function* (
  counts: Account.Counts,
  lines: Iterable<Rows.Line>,
  output: Output.Output,
  rejects: Rejects.Rejects
) {
  const good: Array<string> = []
  for (const line of lines) {
    counts.lines++
    if (line === undefined) {
      counts.blank++
    } else if (typeof line === "string") {
      good.push(line)
    } else {
      counts.rejected++
      yield* rejects.add({ line: counts.lines, ...line })
    }
  }
  yield* output.write(good)
})

/** One run of `file-writer write`: reads rows, checks them, writes them, and gives an account. */
import { Program, SchemaModule } from "@fibra/cli"
import { Data, Effect, Logger, Option, Result, Schema, Stream } from "effect"
import * as Input from "./Input.ts"
import * as OpenOutput from "./OpenOutput.ts"
import type * as Output from "./Output.ts"
import { needsValues, type Plan } from "./Plan.ts"
import * as Rejects from "./Rejects.ts"
import * as Report from "./Report.ts"
import * as Rows from "./Rows.ts"
import * as Run from "./Run.ts"
import * as TextRow from "./TextRow.ts"

/** Fails with an exit code that the help names, after everything else has been said. */
export const write = Effect.fnUntraced(function* (plan: Plan) {
  const run = yield* Run.make(plan)
  yield* Effect.scoped(copy(run)).pipe(
    Effect.onExit((exit) => Report.giveAccount(run, exit)),
    Effect.provide(Logger.layer([run.screen.logger])),
    Effect.mapError(
      ({ _tag, message }) =>
        new Program.Stopped({ exitCode: exitCodes.get(_tag) ?? 3, reason: message })
    )
  )
  if (run.counts.rejected > 0) return yield* new Program.Stopped({ exitCode: 8, reason: "" })
})

/** It cannot be the input of the run before. */
class InputTooShort extends Data.TaggedError("InputTooShort")<{
  readonly from: string
  readonly lines: number
  readonly linesDone: number
  readonly checkpoint: string
}> {
  override get message(): string {
    const { checkpoint, from, lines, linesDone } = this
    return `${from === "-" ? "stdin" : from} ends at line ${lines}, and by ${checkpoint} ${linesDone} lines of it are done; give the whole input, or another --checkpoint`
  }
}

/** What is no refusal of the system. */
const exitCodes = new Map([
  ["TargetLocked", 75],
  ["SchemaNotUsable", 2]
])

const copy = Effect.fnUntraced(function* (run: Run.Run) {
  const { counts, options: plan, screen } = run
  const schema = yield* Option.match(plan.schema, {
    onNone: () => Effect.undefined,
    onSome: SchemaModule.load
  })
  const rejects = yield* Rejects.open(plan.rejects, screen, plan.mode === "append")
  const refuse: Output.Refuse = ({ line, text }, { message }) => {
    counts.rejected++
    return rejects.add({ line, cause: message, text })
  }
  const output = (run.output = yield* OpenOutput.open(plan, refuse))
  run.rejects = rejects
  if (!plan.json) yield* Effect.forkScoped(Report.showProgress(run))
  const rows = Rows.make({ rowBytesMax: plan.rowBytesMax, isRaw: plan.format === "raw" })
  const take = taker(run, output, rejects, schema)
  yield* Stream.runForEach(Input.bytesOf(plan.from), (bytes) => {
    counts.bytesRead += bytes.length
    return take(rows.push(bytes))
  })
  const rest = Array.from(rows.end())
  yield* take(rest)
  const linesDone = yield* settleLines(run, output, rest)
  // The output comes last: where it is, the rejects that belong to it are too.
  yield* rejects.finish
  yield* output.finish(linesDone)
})

/** How many lines a later run need not read again. */
const settleLines = (
  { counts: { lines }, options }: Run.Run,
  output: Output.Output,
  rest: ReadonlyArray<Rows.Line>
) => {
  if (lines < output.linesDone) {
    const checkpoint = Option.getOrElse(options.checkpoint, () => "")
    return Effect.fail(
      new InputTooShort({ from: options.from, lines, linesDone: output.linesDone, checkpoint })
    )
  }
  // A last line that is malformed, and not ended, may be the beginning of one that is still being written.
  const isTorn = rest.some((line) => typeof line === "object")
  return Effect.succeed(isTorn ? Math.max(output.linesDone, lines - 1) : lines)
}

/** Sorts lines into rows and rejects. */
const taker = (
  { counts, options: plan }: Run.Run,
  output: Output.Output,
  rejects: Rejects.Rejects,
  schema: Schema.ConstraintDecoder<unknown> | undefined
) => {
  const decode = schema && Schema.decodeUnknownResult(schema)
  const needsValue = needsValues(plan)

  const whyNot = ({ value }: TextRow.TextRow): string | undefined => {
    if (Option.isSome(plan.key) && TextRow.fieldOf(value, plan.key.value) == null) {
      return `it has no ${plan.key.value}`
    }
    const decoded = decode?.(value)
    return decoded && Result.isFailure(decoded) ? inOneLine(decoded.failure) : undefined
  }

  return Effect.fnUntraced(function* (lines: Iterable<Rows.Line>) {
    const good: Array<TextRow.TextRow> = []
    for (const line of lines) {
      counts.lines++
      if (counts.lines <= output.linesDone) {
        counts.skipped++
      } else if (line === undefined) {
        counts.blank++
      } else if (typeof line !== "string") {
        counts.rejected++
        yield* rejects.add({ line: counts.lines, ...line })
      } else {
        const row = TextRow.make(line, counts.lines, needsValue)
        const cause = whyNot(row)
        if (cause === undefined) {
          good.push(row)
        } else {
          counts.rejected++
          yield* rejects.add({ line: counts.lines, cause, text: line })
        }
      }
    }
    yield* output.write(good)
  })
}

const inOneLine = ({ message }: Schema.SchemaError): string => message.replaceAll(/\s*\n\s*/g, " ")

/** Tells a person on stderr, or a program in JSON, how a run goes and what came of it. */
import { Cause, Clock, Effect, Exit, Option, Schedule } from "effect"
import * as Account from "./Account.ts"
import { type Kept, none } from "./Kept.ts"
import { isStdout } from "./Plan.ts"
import type { Run } from "./Run.ts"
import * as Stdout from "./Stdout.ts"

type RunExit = Exit.Exit<void, Error>

/** Never ends: a live line on a terminal, elsewhere a line every ten seconds. */
export const showProgress = (run: Run): Effect.Effect<unknown> => {
  const { counts, screen } = run
  const every = screen.isTerminal ? "250 millis" : "10 seconds"
  const show = screen.isTerminal ? screen.live : screen.line
  const progress = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const output = yield* run.output?.progress ?? Effect.undefined
    yield* show(
      output === undefined
        ? Account.speedLine(counts, now)
        : Account.progressLine(counts, output, now)
    )
  })
  return Effect.delay(Effect.repeat(progress, Schedule.spaced(every)), every)
}

/** Once the scope of the run has closed, so that all counts are final. */
export const giveAccount = Effect.fnUntraced(function* (
  run: Run,
  exit: RunExit
): Effect.fn.Return<void> {
  const output = yield* run.output?.kept ?? Effect.succeed(none)
  const rejects = yield* run.rejects?.kept ?? Effect.undefined
  const account = yield* Account.settle(run.counts, output)
  return yield* run.options.json
    ? tellProgram(run, exit, account, output, rejects)
    : tellPerson(run, exit, account, output, rejects)
})

const tellPerson = Effect.fnUntraced(function* (
  { counts, options, output: opened, screen }: Run,
  exit: RunExit,
  account: Account.Account,
  output: Kept,
  rejects: Kept | undefined
) {
  // Nothing was read then, and the reason of the failure says it all.
  if (opened === undefined) return
  yield* screen.line(Account.sumLine(account))
  if (Exit.isSuccess(exit)) {
    yield* screen.line(Account.speedLine(counts, yield* Clock.currentTimeMillis))
  } else if (Cause.hasInterruptsOnly(exit.cause)) {
    // Other reasons are printed by the program, after this.
    yield* screen.line(whyEnded(exit, output) ?? "")
  }
  if (!isStdout(options.output)) yield* screen.line(placeLine(options.output, output))
  if (rejects !== undefined) {
    yield* screen.line(placeLine(Option.getOrThrow(options.rejects), rejects))
  }
})

/** `out.jsonl: 3 rows, 24 bytes`, or where the rows are instead. */
const placeLine = (path: string, { bytes, isAppended, isPublished, rows, where }: Kept) => {
  if (isAppended) return `${path}: ${rows} rows committed, ${bytes} bytes`
  if (isPublished) return `${path}: ${rows} rows, ${bytes} bytes`
  const kept = where === undefined ? "no row was written" : `${rows} rows are whole in ${where}`
  return `${path} is not published; ${kept}`
}

const tellProgram = Effect.fnUntraced(function* (
  { options, screen }: Run,
  exit: RunExit,
  account: Account.Account,
  output: Kept,
  rejects: Kept | undefined
) {
  const place = (path: string, { isPublished, where }: Kept) => ({
    path,
    published: isPublished,
    rowsIn: where ?? null
  })
  const summary = {
    ...account,
    output: place(options.output, output),
    rejects: rejects === undefined ? null : place(Option.getOrThrow(options.rejects), rejects),
    error: whyEnded(exit, output) ?? null
  }
  const line = `${JSON.stringify(summary)}\n`
  // The program has its own exit code for a stdout that takes no more.
  yield* isStdout(options.output) || options.acknowledges
    ? screen.raw(line)
    : Effect.ignore(Stdout.write(line))
})

const whyEnded = (exit: RunExit, { failure }: Kept): string | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  if (Cause.hasInterruptsOnly(exit.cause)) return failure?.message ?? "interrupted"
  const error = Cause.squash(exit.cause)
  return error instanceof Error ? error.message : String(error)
}

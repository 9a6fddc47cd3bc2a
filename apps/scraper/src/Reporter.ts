/**
 * Tells a person or a program how a crawl goes.
 *
 * A person reads stderr: a panel that refreshes on a terminal, else a line every ten seconds. A
 * program reads JSON Lines on stdout, or on stderr when the rows take stdout.
 */
import * as Program from "@fibra/cli/Program"
import type { Crawl, Frontier, Latencies, Traps } from "@fibra/crawl"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { breakdown, counted, size, trapLine } from "./Numbers.ts"
import type { Written } from "./Output.ts"

export interface Reporter {
  failure(event: Exclude<Crawl.Event, { readonly _tag: "Row" }>): Effect.Effect<void>
  /** Ends the progress and prints the account. */
  summary(written: Written | undefined): Effect.Effect<void>
}

/** Failures beyond these are only counted, lest a broken site flood the terminal. */
const failuresShownMax = 20

export const make = Effect.fnUntraced(function* (options: {
  readonly json: boolean
  /** Whether only a summary in JSON is told. */
  readonly quiet: boolean
  /** Whether rows go to stdout, so that JSON for programs goes to stderr. */
  readonly stdoutIsTaken: boolean
  /** The file that keeps rejects; without one they are shown. */
  readonly rejects: string | undefined
  /** The file of the rows; `undefined` when they go to stdout. */
  readonly output: string | undefined
  readonly latencies: Effect.Effect<Latencies.Latencies>
  readonly snapshot: Effect.Effect<Crawl.Snapshot>
  /** What it was kept out of. */
  readonly traps: Effect.Effect<ReadonlyArray<Traps.Report>>
  /** The hosts that hold the crawl up. */
  readonly slowest: Effect.Effect<ReadonlyArray<Frontier.SlowHost>>
}): Effect.fn.Return<Reporter, never, Scope.Scope> {
  const startMillis = yield* Clock.currentTimeMillis
  const { rows = 24, columns = 80, isTTY } = process.stderr
  const panel = options.json || isTTY !== true ? undefined : makePanel(columns, rows)
  let failures = 0

  const elapsed = Effect.map(Clock.currentTimeMillis, (now) => now - startMillis)
  const json = (event: string, data: object) =>
    Effect.sync(() => {
      const stream = options.stdoutIsTaken ? process.stderr : process.stdout
      stream.write(`${JSON.stringify({ event, ...data })}\n`)
    })
  const line = (text: string) =>
    Effect.sync(() => {
      panel?.clear()
      process.stderr.write(`${text}\n`)
    })

  const progress = Effect.gen(function* () {
    const state = yield* options.snapshot
    const millis = yield* elapsed
    const latencies = yield* options.latencies
    if (options.json) return yield* json("progress", progressOf(state, latencies, millis))
    const lines = [countLine(state), rateLine(state, latencies, millis)]
    if (panel === undefined) return yield* line(lines.join(" | "))
    const slow = yield* options.slowest
    const where = options.output === undefined ? [] : [rowsLine(state, options.output)]
    return panel.draw([...lines, ...slow.map(slowLine), ...where])
  })
  const every = Duration.millis(panel === undefined ? 10_000 : 250)
  if (!options.quiet)
    yield* Effect.forkScoped(Effect.delay(Effect.repeat(progress, Schedule.spaced(every)), every))

  return {
    failure: (event) =>
      Effect.suspend(() => {
        if (options.quiet) return Effect.void
        const isReject = event._tag === "RowRejected"
        const what = isReject ? "rejected" : "failed"
        const where = event._tag === "HostFailed" ? event.origin : event.url
        if (options.json) return json(what, { url: where, cause: event.cause })
        if (isReject && options.rejects !== undefined) return Effect.void
        failures += 1
        if (failures > failuresShownMax) return Effect.void
        const more = failures === failuresShownMax ? " (further failures are only counted)" : ""
        // Most causes name the URL already.
        const cause = event.cause.startsWith(where) ? event.cause : `${where}: ${event.cause}`
        return line(`${what}: ${Program.printable(cause)}${more}`)
      }),
    summary: Effect.fnUntraced(function* (written) {
      const state = yield* options.snapshot
      const millis = yield* elapsed
      const latencies = yield* options.latencies
      if (options.json) {
        const { bytes = null, path = null } = written ?? {}
        const output = { output: path, outputBytes: bytes }
        const rejects = options.rejects ?? null
        const progress = progressOf(state, latencies, millis)
        return yield* json("summary", { ...progress, ...output, rejects })
      }
      if (options.quiet) return
      const { discovered, done, failed, left, rows, skipped } = state
      yield* line(countLine(state))
      yield* line(rateLine(state, latencies, millis))
      yield* line(
        `discovered ${discovered} = done ${done} + failed ${failed} + skipped ${skipped} + left ${left}`
      )
      const where = written === undefined ? "" : ` in ${written.path}`
      const length = written?.bytes === undefined ? "" : ` (${size(written.bytes)})`
      yield* line(`${rows} ${rows === 1 ? "row" : "rows"}${where}${length}`)
      for (const trap of (yield* options.traps).slice(0, 3)) yield* line(trapLine(trap))
      const dropped = counted(state.linksDropped)
      if (dropped !== "") yield* line(`links left out: ${dropped}`)
      if (state.rejected === 0) return
      const rejects =
        options.rejects === undefined ? "" : `, with their causes in ${options.rejects}`
      yield* line(`${state.rejected} rejected${rejects}`)
    })
  }
})

const countLine = (state: Crawl.Snapshot): string => {
  const parts = [
    `done ${state.done}`,
    `rows ${state.rows}`,
    ...(state.unchanged > 0 ? [`unchanged ${state.unchanged}`] : []),
    ...(state.duplicates > 0 ? [`duplicates ${state.duplicates}`] : []),
    ...(state.rejected > 0 ? [`rejected ${state.rejected}`] : []),
    `queued ${state.left - state.active < 0 ? 0 : state.left - state.active}`,
    `active ${state.active}`,
    `failed ${state.failed}${breakdown(state.failedBy)}`,
    `skipped ${state.skipped}${breakdown(state.skippedBy)}`
  ]
  return parts.join(" | ")
}

const slowLine = ({ left, origin, why }: Frontier.SlowHost): string =>
  `  ${Program.printable(origin)}: ${left} left, ${why}`

const rowsLine = ({ rows }: Crawl.Snapshot, path: string): string =>
  `${rows} ${rows === 1 ? "row" : "rows"} committed in ${Program.printable(path)}`

const rateLine = (
  state: Crawl.Snapshot,
  { percentile }: Latencies.Latencies,
  millis: number
): string => {
  const seconds = Math.max(millis, 1) / 1000
  const rate = (state.responses / seconds).toFixed(1)
  const slow = percentile(0.95)
  return [
    `${rate} pages/s`,
    `${size(state.bytesReceived / seconds)}/s`,
    ...(slow === undefined
      ? []
      : [`p95 ${slow === Infinity ? "over 65 s" : `${slow.toFixed(0)} ms`}`]),
    `${seconds.toFixed(1)} s`
  ].join(" | ")
}

const progressOf = (
  state: Crawl.Snapshot,
  { percentile }: Latencies.Latencies,
  elapsedMillis: number
) => ({
  ...state,
  // JSON has no infinity: what took longer than the last bucket is null, too.
  latencyMillis: {
    p50: percentile(0.5) ?? null,
    p95: percentile(0.95) ?? null,
    p99: percentile(0.99) ?? null
  },
  elapsedMillis
})

/** A few lines at the bottom of a terminal that are drawn over each other. */
const makePanel = (columns: number, rows: number) => {
  let drawn = 0
  const clear = () => {
    if (drawn > 0) process.stderr.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }
  return {
    clear,
    draw(lines: ReadonlyArray<string>) {
      clear()
      const shown = lines.slice(0, rows - 1).map((line) => line.slice(0, columns - 1))
      process.stderr.write(shown.map((line) => `${line}\n`).join(""))
      drawn = shown.length
    }
  }
}

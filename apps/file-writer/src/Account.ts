/** What became of the rows: all that were received are in one of the counts, at every moment. */
import { Clock, Effect } from "effect"
import type { Kept } from "./Kept.ts"

/** Counts of one run, which its parts add to. */
export interface Counts {
  bytesRead: number
  /** Lines of the input, with blank ones. */
  lines: number
  blank: number
  rejected: number
  /** Lines that an earlier run has done. */
  skipped: number
  readonly startMillis: number
}

export const makeCounts: Effect.Effect<Counts> = Effect.map(
  Clock.currentTimeMillis,
  (startMillis) => ({ bytesRead: 0, lines: 0, blank: 0, rejected: 0, skipped: 0, startMillis })
)

/** The counts, settled: `received = written + rejected + dropped + duplicates + notWritten`. */
export interface Account {
  readonly received: number
  readonly written: number
  readonly rejected: number
  readonly dropped: number
  readonly duplicates: number
  /** Good rows that a full disk, a reader that went away or a signal kept from being written. */
  readonly notWritten: number
  readonly blank: number
  /** Lines that an earlier run has done; they are not received again. */
  readonly skipped: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly elapsedMillis: number
}

export const settle = Effect.fnUntraced(function* (
  { blank, bytesRead, lines, rejected, skipped, startMillis }: Counts,
  { bytes, dropped, duplicates, rows }: Kept
): Effect.fn.Return<Account> {
  const received = lines - blank - skipped
  return {
    received,
    written: rows,
    rejected,
    dropped,
    duplicates,
    notWritten: received - rejected - dropped - duplicates - rows,
    blank,
    skipped,
    bytesRead,
    bytesWritten: bytes,
    elapsedMillis: (yield* Clock.currentTimeMillis) - startMillis
  }
})

/** The sum. */
export const sumLine = (account: Account): string => {
  const { blank, dropped, duplicates, notWritten, received, rejected, skipped, written } = account
  const more = [
    dropped > 0 ? ` + dropped ${dropped}` : "",
    duplicates > 0 ? ` + there already ${duplicates}` : "",
    notWritten > 0 ? ` + not written ${notWritten}` : ""
  ].join("")
  const aside = [
    ...(blank > 0 ? [`blank lines: ${blank}`] : []),
    ...(skipped > 0 ? [`lines done by an earlier run: ${skipped}`] : [])
  ]
  const left = aside.length === 0 ? "" : ` (${aside.join(", ")})`
  return `received ${received} = written ${written} + rejected ${rejected}${more}${left}`
}

/** How much was read, and how fast. */
export const speedLine = (
  { blank, bytesRead, lines, rejected, skipped, startMillis }: Counts,
  nowMillis: number
): string => {
  const seconds = (nowMillis - startMillis) / 1000
  const received = lines - blank - skipped
  const perSecond = Math.round(received / Math.max(seconds, 0.001))
  const bad = rejected === 0 ? "" : `, ${rejected} rejected`
  return `${received} rows, ${(bytesRead / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s, ${perSecond} rows/s${bad}`
}

/** The same while it runs, with how far the output is. */
export const progressLine = (counts: Counts, output: Progress, nowMillis: number): string =>
  `${speedLine(counts, nowMillis)}; ${output.rows} written in ${output.commits} commits, ${output.buffered} in the buffer, ${output.file}`

/** How far an output is. */
export interface Progress {
  readonly rows: number
  readonly commits: number
  readonly buffered: number
  /** What is written to now. */
  readonly file: string
}

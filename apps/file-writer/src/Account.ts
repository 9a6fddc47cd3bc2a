/** What became of the rows: `received = written + rejected + not written`, at every moment. */
import { Clock, Effect } from "effect"

/** Counts of one run, which its parts add to. */
export interface Counts {
  bytesRead: number
  /** Lines of the input, with blank ones. */
  lines: number
  blank: number
  rejected: number
  readonly startMillis: number
}

export const makeCounts: Effect.Effect<Counts> = Effect.map(
  Clock.currentTimeMillis,
  (startMillis) => ({ bytesRead: 0, lines: 0, blank: 0, rejected: 0, startMillis })
)

/** The counts, settled: `received = written + rejected + notWritten`. */
export interface Account {
  readonly received: number
  readonly written: number
  readonly rejected: number
  /** Good rows that a full disk, a reader that went away or a signal kept from being written. */
  readonly notWritten: number
  readonly blank: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly elapsedMillis: number
}

export const settle = Effect.fnUntraced(function* (
  { blank, bytesRead, lines, rejected, startMillis }: Counts,
  written: { readonly rows: number; readonly bytes: number }
): Effect.fn.Return<Account> {
  const received = lines - blank
  return {
    received,
    written: written.rows,
    rejected,
    notWritten: received - rejected - written.rows,
    blank,
    bytesRead,
    bytesWritten: written.bytes,
    elapsedMillis: (yield* Clock.currentTimeMillis) - startMillis
  }
})

/** The sum. */
export const sumLine = ({ blank, notWritten, received, rejected, written }: Account): string => {
  const lost = notWritten === 0 ? "" : ` + not written ${notWritten}`
  const skipped = blank === 0 ? "" : ` (blank lines: ${blank})`
  return `received ${received} = written ${written} + rejected ${rejected}${lost}${skipped}`
}

/** How much was read, and how fast. */
export const speedLine = (
  { blank, bytesRead, lines, rejected, startMillis }: Counts,
  nowMillis: number
): string => {
  const seconds = (nowMillis - startMillis) / 1000
  const received = lines - blank
  const perSecond = Math.round(received / Math.max(seconds, 0.001))
  const bad = rejected === 0 ? "" : `, ${rejected} rejected`
  return `${received} rows, ${(bytesRead / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s, ${perSecond} rows/s${bad}`
}

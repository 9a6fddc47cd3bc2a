/** How often a supervisor may restart: a sliding window over the times of its restarts. */
import * as Data from "effect/Data"

/**
 * Defect: the number of restarts, or the period in which they are counted, makes no sense.
 *
 * @since 0.1.0
 */
export class InvalidIntensity extends Data.TaggedError("InvalidIntensity")<{
  readonly intensity: number
  /** Milliseconds. */
  readonly period: number
}> {
  override get message(): string {
    return `${this.intensity} restarts in ${this.period} ms: give a whole number from 0 and a time above 0`
  }
}

export interface Intensity {
  /**
   * Counts a restart at `now`, in milliseconds of a clock that never goes back. False when it is one
   * too many: more than the allowed number within the period.
   */
  add(now: number): boolean
}

/**
 * Counts restarts as OTP does: more than `allowed` of them within `period` milliseconds are too many,
 * and one that is exactly `period` old still counts.
 *
 * Nothing but the passing of time takes a restart back: a restart that succeeds does not.
 */
export const make = (allowed: number, period: number): Intensity => {
  // Invariant: `times` holds at most the last `allowed` restarts, oldest at `next` once it is full.
  const times: Array<number> = []
  let next = 0
  return {
    add: (now) => {
      if (allowed === 0) return false
      const oldest = times[next]
      if (oldest !== undefined && now - oldest <= period) return false
      times[next] = now
      next = (next + 1) % allowed
      return true
    }
  }
}

/** Whether these numbers make sense. */
export const isValid = (allowed: number, period: number): boolean =>
  Number.isSafeInteger(allowed) && allowed >= 0 && period > 0 && Number.isFinite(period)

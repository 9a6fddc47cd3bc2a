/**
 * Everything in a system that is to happen after some time, for O(1) each.
 *
 * Entries with the same duration expire in the order in which they entered. So each duration in use
 * has a list, and one fiber that sleeps until its first entry is due.
 */
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

export interface Expiry {
  /** Called when its time has come; it is in no list then. */
  readonly onExpiry: (entry: Expiry) => void
  /** In milliseconds of the monotonic clock. */
  expiresAt: number
  bucket: Bucket | undefined
  earlier: Expiry | undefined
  later: Expiry | undefined
}

/** The fields of an entry that is in no list. */
export const idle = {
  expiresAt: 0,
  bucket: undefined,
  earlier: undefined,
  later: undefined
} as const

interface Bucket {
  readonly millis: number
  first: Expiry | undefined
  last: Expiry | undefined
  sleeper: Fiber.Fiber<unknown, unknown> | undefined
  expiring: boolean
}

export interface Expiries {
  /** Has an entry that is in no list expire in `millis`, or at a moment about then. */
  readonly enter: (entry: Expiry, millis: number, at?: number) => void
  /** Takes an entry out, if it is in. */
  readonly leave: (entry: Expiry) => void
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number
  /** How many durations have a fiber that sleeps. */
  readonly sleepers: number
  /** Ends all that sleeps. */
  readonly close: () => void
}

/** An empty list keeps its sleeper, for the next entry, while there are not more than these. */
const idleBucketsMax = 16

export const make = (clock: Clock.Clock, context: Context.Context<never>): Expiries => {
  const buckets = new Map<number, Bucket>()
  let closed = false
  const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

  const sleep = (bucket: Bucket, millis: number): void => {
    const fiber = Effect.runForkWith(context)(
      Effect.andThen(
        clock.sleep(Duration.millis(millis)),
        Effect.sync(() => expire(bucket))
      )
    )
    // On some clocks it is over already, and has begun the next one.
    if (fiber.pollUnsafe() === undefined) bucket.sleeper = fiber
  }

  const expire = (bucket: Bucket): void => {
    const time = now()
    // While this runs, `enter` and `leave` leave the sleeper to it.
    bucket.expiring = true
    for (let entry = bucket.first; entry !== undefined; entry = bucket.first) {
      if (entry.expiresAt > time) break
      remove(bucket, entry)
      entry.onExpiry(entry)
    }
    bucket.expiring = false
    bucket.sleeper = undefined
    if (bucket.first === undefined) buckets.delete(bucket.millis)
    else sleep(bucket, bucket.first.expiresAt - time)
  }

  return {
    now,
    get sleepers() {
      return buckets.size
    },
    enter: (entry, millis, at = now() + millis) => {
      if (closed) return
      let bucket = buckets.get(millis)
      if (bucket === undefined) {
        bucket = {
          millis,
          first: undefined,
          last: undefined,
          sleeper: undefined,
          expiring: false
        }
        buckets.set(millis, bucket)
      }
      entry.expiresAt = at
      append(bucket, entry)
      if (bucket.sleeper === undefined && !bucket.expiring) sleep(bucket, millis)
    },
    leave: (entry) => {
      const { bucket } = entry
      if (bucket === undefined) return
      remove(bucket, entry)
      if (bucket.first !== undefined || bucket.expiring || buckets.size <= idleBucketsMax) return
      buckets.delete(bucket.millis)
      bucket.sleeper?.interruptUnsafe()
    },
    close: () => {
      closed = true
      for (const bucket of buckets.values()) bucket.sleeper?.interruptUnsafe()
      buckets.clear()
    }
  }
}

const append = (bucket: Bucket, entry: Expiry): void => {
  entry.bucket = bucket
  entry.earlier = bucket.last
  if (bucket.last === undefined) bucket.first = entry
  else bucket.last.later = entry
  bucket.last = entry
}

const remove = (bucket: Bucket, entry: Expiry): void => {
  const { earlier, later } = entry
  if (earlier === undefined) bucket.first = later
  else earlier.later = later
  if (later === undefined) bucket.last = earlier
  else later.earlier = earlier
  entry.bucket = entry.earlier = entry.later = undefined
}

/** The limits of one client, as the numbers that its exchanges are held to. */
import * as Duration from "effect/Duration"

export interface Limits {
  readonly bodyBytesMax: number
  readonly ratioMax: number
  readonly keepTruncated: boolean
  readonly keepSent: boolean
  readonly totalMillis: number
  readonly headersMillis: number
  readonly idleMillis: number
  readonly bytesPerSecondMin: number
  readonly rateAfterMillis: number
}

export interface Options {
  readonly timeout: Duration.Input
  readonly headersTimeout: Duration.Input
  readonly idleTimeout: Duration.Input
  readonly bytesPerSecondMin: number
  readonly bodyBytesMax: number
  readonly ratioMax: number
  readonly keepTruncated: boolean
  readonly keepSent: boolean
}

/** Of one exchange that wants only the first bytes of a body. */
export const forFirst = (limits: Limits, bytes: number | undefined): Limits =>
  bytes === undefined ? limits : { ...limits, bodyBytesMax: bytes, keepTruncated: true }

/** A body may need a moment until it flows. */
const rateAfterMillis = 10_000

export const make = (options: Options): Limits => ({
  bodyBytesMax: options.bodyBytesMax,
  ratioMax: options.ratioMax,
  keepTruncated: options.keepTruncated,
  keepSent: options.keepSent,
  totalMillis: Duration.toMillis(options.timeout),
  headersMillis: Duration.toMillis(options.headersTimeout),
  idleMillis: Duration.toMillis(options.idleTimeout),
  bytesPerSecondMin: options.bytesPerSecondMin,
  rateAfterMillis
})

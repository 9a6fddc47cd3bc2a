/**
 * What can go wrong with one fetch, each with the data that a caller needs to decide what to do.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import type { AddressRefused } from "./Address.ts"

/**
 * Raised when no complete response came: no connection, reset, protocol error, bytes missing.
 *
 * @since 0.1.0
 */
export class TransportFailed extends Data.TaggedError("TransportFailed")<{
  readonly url: string
  /**
   * The code, when there is one: of the system (`ECONNREFUSED`, `ENOTFOUND`), of undici
   * (`UND_ERR_SOCKET` for a connection that was closed too early, `UND_ERR_HEADERS_OVERFLOW`), or of
   * its parser (`HPE_…` for what is not HTTP), or `PROXY_UNREACHABLE` and `PROXY_REFUSED`.
   */
  readonly code: string | undefined
  readonly cause: unknown
}> {
  override get message(): string {
    return `${this.url} cannot be reached: ${describe(this.cause) ?? this.code ?? "no response"}`
  }
}

/**
 * Raised when no secure connection comes about: a certificate that is not acceptable, or no TLS.
 *
 * @since 0.1.0
 */
export class TlsFailed extends Data.TaggedError("TlsFailed")<{
  readonly url: string
  readonly code: string
  /** Whether there was a certificate and it was refused. */
  readonly isCertificate: boolean
  readonly cause: unknown
}> {
  override get message(): string {
    if (this.isCertificate) {
      return `${this.url} has no acceptable certificate: ${describe(this.cause) ?? this.code}`
    }
    // OpenSSL's own text names its source files; its reason is all that helps.
    const reason = /:SSL routines:[^:]*:([^:]+):/.exec(describe(this.cause) ?? "")?.[1]
    return `${this.url} does not speak TLS as it should: ${reason ?? this.code}`
  }
}

/**
 * Raised when a response does not keep to one of the time limits.
 *
 * @since 0.1.0
 */
export class FetchTimedOut extends Data.TaggedError("FetchTimedOut")<{
  readonly url: string
  /**
   * Which limit: `total` for the whole response, `headers` for its head, `idle` for the silence
   * between two pieces of the body, `rate` for a body that trickles longer than `limit`.
   */
  readonly phase: "total" | "headers" | "idle" | "rate"
  readonly limit: Duration.Duration
}> {
  override get message(): string {
    return `${this.url} ${phases[this.phase](Duration.format(this.limit))}`
  }
}

const phases = {
  total: (limit: string) => `did not answer in full within ${limit}`,
  headers: (limit: string) => `did not begin to answer within ${limit}`,
  idle: (limit: string) => `stopped in the middle of its answer for ${limit}`,
  rate: (limit: string) => `still answers slower than the minimum rate after ${limit}`
}

/**
 * Raised when a body is larger than allowed, as sent or once decompressed.
 *
 * @since 0.1.0
 */
export class BodyTooLarge extends Data.TaggedError("BodyTooLarge")<{
  readonly url: string
  readonly stage: "sent" | "decompressed"
  readonly bodyBytesMax: number
  /** How much of it had come, as sent. */
  readonly bytesReceived?: number | undefined
  /** Present when the body grew by more than this factor, which only a decompression bomb does. */
  readonly ratioMax?: number | undefined
}> {
  override get message(): string {
    const bomb = this.ratioMax === undefined ? "" : `, more than ${this.ratioMax} times its size`
    return `${this.url} has a body of more than ${this.bodyBytesMax} bytes ${this.stage}${bomb}`
  }
}

/**
 * Raised when a compressed body is damaged or uses an unknown encoding.
 *
 * @since 0.1.0
 */
export class BodyUndecodable extends Data.TaggedError("BodyUndecodable")<{
  readonly url: string
  readonly encoding: string
  readonly cause: Error
}> {
  override get message(): string {
    return `${this.url} has a damaged body (${this.encoding}): ${this.cause.message}`
  }
}

/**
 * Everything that can go wrong with one fetch.
 *
 * @since 0.1.0
 */
export type FetchError =
  | AddressRefused
  | TransportFailed
  | TlsFailed
  | FetchTimedOut
  | BodyTooLarge
  | BodyUndecodable

// A host with several addresses fails with an AggregateError that has no message of its own.
const describe = (cause: unknown): string | undefined => {
  if (cause instanceof AggregateError) return describe(cause.errors[0])
  return cause instanceof Error && cause.message !== "" ? cause.message : undefined
}

/**
 * One request and its answer, as its parts arrive: counts, cuts, decodes, and settles once.
 *
 * A transport tells it what arrives; a watchdog asks it whether a limit has passed.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"
import { BodyTooLarge, type FetchError, FetchTimedOut } from "../FetchError.ts"
import type { Fetched, Sent } from "./fetched.ts"
import { ByteBuffer } from "./byteBuffer.ts"
import { decode, isPlain } from "./contentEncoding.ts"
import type { Limits } from "./limits.ts"

export type Outcome = Effect.Effect<Fetched, FetchError>

/** By names in lower case, as undici and Effect have them. */
export type RawHeaders = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

export interface Start {
  readonly url: string
  readonly method: string
  readonly limits: Limits
  readonly nowMillis: () => number
  /** What a failure of the transport is. */
  readonly toError: (url: string, cause: unknown) => FetchError
  /** Called once, with what the exchange came to. */
  readonly settle: (outcome: Outcome) => void
}

/** A class, for one is made for each page: its methods are shared. */
export class Exchange {
  readonly #start: Start
  readonly #startedAt: number
  #headAt: number | undefined
  #movedAt: number
  #status = 0
  #headers: Headers.Headers = Headers.empty
  #setCookies: ReadonlyArray<string> = []
  #sentHead: Omit<Sent, "body"> | undefined
  readonly #body: ByteBuffer
  #bytesSent = 0
  #abort: ((reason: Error) => void) | undefined
  /** Moves on before anything is told to anyone, so that no one is told twice. */
  #phase: "reading" | "decoding" | "settled" = "reading"

  constructor(start: Start) {
    this.#start = start
    this.#body = new ByteBuffer(start.limits.bodyBytesMax)
    this.#startedAt = start.nowMillis()
    this.#movedAt = this.#startedAt
  }

  /** The transport has begun, and this is how it is stopped. */
  begun(abort: (reason: Error) => void): void {
    if (this.#phase === "settled") return abort(new Error("no longer wanted"))
    this.#abort = abort
  }

  /**
   * The head of the answer has arrived; an interim one (1xx) is not an answer. `lines` are its headers as
   * they came, names and values by turns.
   */
  head(
    status: number,
    headers: RawHeaders,
    statusText = "",
    lines?: ReadonlyArray<Uint8Array | string>
  ): void {
    if (this.#phase !== "reading" || status < 200) return
    this.#status = status
    if (this.#start.limits.keepSent) {
      this.#sentHead = { statusText, headers: lines ? pairsOf(lines) : flatten(headers) }
    }
    this.#headers = Headers.fromInput(headers)
    const setCookies = headers["set-cookie"]
    if (setCookies !== undefined) {
      this.#setCookies = typeof setCookies === "string" ? [setCookies] : setCookies
    }
    this.#headAt = this.#start.nowMillis()
    this.#movedAt = this.#headAt
    const { bodyBytesMax, keepTruncated } = this.#start.limits
    if (keepTruncated || this.#start.method === "HEAD" || status === 304) return
    if (Number(this.#headers["content-length"] ?? 0) > bodyBytesMax) this.#failTooLarge()
  }

  data(chunk: Uint8Array): void {
    if (this.#phase !== "reading") return
    this.#movedAt = this.#start.nowMillis()
    const { bodyBytesMax, keepTruncated } = this.#start.limits
    this.#bytesSent += chunk.length
    if (this.#bytesSent <= bodyBytesMax) return this.#body.append(chunk)
    if (!keepTruncated) return this.#failTooLarge()
    this.#body.append(chunk.subarray(0, bodyBytesMax - this.#body.length))
    this.#finish(true)
    this.#stop(new Error("the rest of the body is not wanted"))
  }

  end(): void {
    if (this.#phase === "reading") this.#finish(false)
  }

  failed(cause: unknown): void {
    if (this.#phase === "reading")
      this.#settle(Effect.fail(this.#start.toError(this.#start.url, cause)))
  }

  /** The one who asked has gone: nobody is told, and the transport stops. */
  interrupt(): void {
    this.#phase = "settled"
    this.#stop(new Error("interrupted"))
  }

  /** Ends the exchange if it has passed one of its time limits. */
  check(nowMillis: number): void {
    const { limits } = this.#start
    if (nowMillis - this.#startedAt >= limits.totalMillis) {
      this.#failTimedOut("total", limits.totalMillis)
    } else if (this.#headAt === undefined) {
      if (nowMillis - this.#startedAt >= limits.headersMillis) {
        this.#failTimedOut("headers", limits.headersMillis)
      }
    } else if (this.#phase !== "reading") {
      // All has arrived: what takes its time now is the decoding.
    } else if (nowMillis - this.#movedAt >= limits.idleMillis) {
      this.#failTimedOut("idle", limits.idleMillis)
    } else {
      const bodyMillis = nowMillis - this.#headAt
      const owed = (bodyMillis * limits.bytesPerSecondMin) / 1000
      if (bodyMillis >= limits.rateAfterMillis && this.#bytesSent < owed) {
        this.#failTimedOut("rate", limits.rateAfterMillis)
      }
    }
  }

  #finish(isCut: boolean): void {
    const { limits, url } = this.#start
    this.#phase = "decoding"
    const body = this.#body.take()
    const contentEncoding = this.#headers["content-encoding"]
    if (isPlain(contentEncoding)) return this.#succeed(body, isCut, body)
    decode({ ...limits, url, body, isCut, contentEncoding }, (result) => {
      if (Result.isFailure(result)) this.#settle(Effect.fail(result.failure))
      else this.#succeed(result.success.body, result.success.truncated, body)
    })
  }

  #succeed(body: Uint8Array, truncated: boolean, sentBody: Uint8Array): void {
    const { url } = this.#start
    const [status, headers, setCookies] = [this.#status, this.#headers, this.#setCookies]
    const bytesSent = this.#bytesSent
    const fetched = { url, status, headers, setCookies, body, bytesSent, truncated }
    const head = this.#sentHead
    this.#settle(
      Effect.succeed(
        head === undefined ? fetched : { ...fetched, sent: { ...head, body: sentBody } }
      )
    )
  }

  #failTooLarge(): void {
    const { limits, url } = this.#start
    const { bodyBytesMax } = limits
    const error = new BodyTooLarge({
      url,
      stage: "sent",
      bodyBytesMax,
      bytesReceived: this.#bytesSent
    })
    this.#settle(Effect.fail(error))
    this.#stop(error)
  }

  #failTimedOut(phase: FetchTimedOut["phase"], limitMillis: number): void {
    const limit = Duration.millis(limitMillis)
    const error = new FetchTimedOut({ url: this.#start.url, phase, limit })
    this.#settle(Effect.fail(error))
    this.#stop(error)
  }

  #settle(outcome: Outcome): void {
    if (this.#phase === "settled") return
    this.#phase = "settled"
    this.#start.settle(outcome)
  }

  #stop(reason: Error): void {
    const abort = this.#abort
    this.#abort = undefined
    abort?.(reason)
  }
}

const pairsOf = (lines: ReadonlyArray<Uint8Array | string>) => {
  const text = (line: Uint8Array | string) =>
    typeof line === "string" ? line : Buffer.from(line).toString("latin1")
  const pairs: Array<readonly [string, string]> = []
  for (let at = 0; at + 1 < lines.length; at += 2) {
    pairs.push([text(lines[at]!), text(lines[at + 1]!)])
  }
  return pairs
}

const flatten = (headers: RawHeaders) =>
  Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, one] as const)
  )

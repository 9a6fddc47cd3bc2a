/** What a host has seen: each request from its arrival to its end, and the counts. */
import type * as Clock from "effect/Clock"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"

type Outcome = "active" | "answered" | "failed" | "refused" | "aborted"

export interface Exchange {
  readonly method: string
  readonly url: string
  readonly startedAt: number
  readonly endedAt: number | undefined
  readonly outcome: Outcome
}

export interface HostReport {
  readonly requests: number
  readonly active: number
  readonly activeMax: number
  readonly answered: number
  readonly failed: number
  readonly refused: number
  readonly aborted: number
  readonly bytesSent: number
  readonly exchanges: ReadonlyArray<Exchange>
}

export interface Connection {
  /** How many requests the host had seen with this one. */
  readonly nth: number
  readonly outcome: Outcome
  /** Why it failed, once it has. */
  readonly cause: unknown
  sent(bytes: number): void
  /** Ends the exchange. Only the first call counts. */
  close(outcome: Exclude<Outcome, "active">, cause?: unknown): void
  /** Keeps the response from the garbage collector, which would abort it at no fixed time. */
  hold(response: HttpClientResponse): void
}

export interface Ledger {
  readonly active: number
  open(method: string, url: string, clock: Clock.Clock): Connection
  report(): HostReport
}

export const make = (exchangesMax: number): Ledger => {
  // Invariant, whenever no function below is on the stack:
  //   requests = active + answered + failed + refused + aborted.
  const counts = { active: 0, answered: 0, failed: 0, refused: 0, aborted: 0 }
  let requests = 0
  let activeMax = 0
  let bytesSent = 0
  const exchanges: Array<{ -readonly [K in keyof Exchange]: Exchange[K] }> = []
  const held = new Map<Connection, HttpClientResponse>()

  const open: Ledger["open"] = (method, url, clock) => {
    requests++
    activeMax = Math.max(activeMax, ++counts.active)
    const startedAt = clock.currentTimeMillisUnsafe()
    const exchange = { method, url, startedAt, endedAt: undefined, outcome: "active" as Outcome }
    exchanges.push(exchange)
    if (exchanges.length >= 2 * exchangesMax) exchanges.splice(0, exchanges.length - exchangesMax)
    const nth = requests
    let reason: unknown
    const connection: Connection = {
      nth,
      get outcome() {
        return exchange.outcome
      },
      get cause() {
        return reason
      },
      sent(bytes) {
        bytesSent += bytes
      },
      close(outcome, cause) {
        if (exchange.outcome !== "active") return
        counts.active--
        counts[outcome]++
        reason = cause
        Object.assign(exchange, { outcome, endedAt: clock.currentTimeMillisUnsafe() })
        held.delete(connection)
      },
      hold(response) {
        if (exchange.outcome === "active") held.set(connection, response)
      }
    }
    return connection
  }

  return {
    get active() {
      return counts.active
    },
    open,
    report() {
      const kept = exchanges.slice(-exchangesMax).map((exchange) => ({ ...exchange }))
      return { requests, ...counts, activeMax, bytesSent, exchanges: kept }
    }
  }
}

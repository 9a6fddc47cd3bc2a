/** What a network is made of, as its maker writes it. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import type * as Names from "./names.ts"
import type { Count, Time } from "./range.ts"

export type Break = "reset" | "close" | "garbage" | "hang"

export interface Fault {
  /** `"refuse"`: nobody listens. `"timeout"`: nobody answers for 10 seconds. */
  readonly connect?: "refuse" | "timeout"
  /** The connection breaks instead of the head of the answer. The handler is not asked. */
  readonly head?: Break
  /** The connection breaks within the body, after `afterBytes`. */
  readonly body?: Break
  /**
   * How much of the body arrives before it breaks. Default 0. A body of known length that is no
   * longer arrives whole.
   */
  readonly afterBytes?: number
  /**
   * The `content-length` that the head says, whatever the length of the body: of a longer one the
   * rest is lost, after a shorter one the connection is closed.
   */
  readonly contentLength?: number
  /** The body arrives in pieces of this size, with a pause before each. */
  readonly drip?: { readonly bytes: Count; readonly pause?: Duration.Input }
}

export type Faults = (request: HttpServerRequest, nth: number) => Effect.Effect<Fault | undefined>

export interface Host {
  /**
   * Answers a request. Default: 404, without a body. It runs in the fiber of the request and ends
   * with it; a defect in it is a defect of the request. The answer's stream may fail: then the
   * connection is closed.
   */
  readonly handler?: (request: HttpServerRequest) => Effect.Effect<HttpServerResponse>
  /** From the request to its arrival. Default 0, which is a turn of the scheduler. */
  readonly latency?: Time
  /** What goes wrong, with every request or as a function says. Default: nothing. */
  readonly faults?: Fault | Faults
  /** The address. Default: one of its own that counts as public, 11.0.0.1 and up. */
  readonly address?: string
  /** Bound on the connections that are open at once; more are refused. Default 1,000. */
  readonly connectionsMax?: number
}

export interface Options {
  /**
   * The hosts by name or address, which listen on every port, or by `name:port`.
   */
  readonly hosts: Readonly<Record<string, Host>>
  /**
   * Answers to look-ups. A name of `hosts` that has none here resolves to its host;
   * any other name does not exist.
   */
  readonly dns?: Readonly<Record<string, Names.Script>>
  /** How long a look-up takes. Default 0. */
  readonly dnsLatency?: Time
  /** How long a look-up takes whose answer is `"Timeout"`. Default 5 seconds. */
  readonly dnsTimeout?: Duration.Input
  /** Bound on the exchanges that a report lists, of each host the last ones. Default 10,000. */
  readonly exchangesMax?: number
}

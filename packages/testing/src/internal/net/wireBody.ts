/** The body of an answer as it crosses the wire: in pieces, in time, and with what goes wrong. */
import type * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type { Connection } from "./ledger.ts"
import * as NetCause from "./netCause.ts"
import * as Range from "./range.ts"

export interface Plan {
  readonly connection: Connection
  readonly signal: AbortSignal
  /** The length that the head says, when it says one. */
  readonly length: number | undefined
  /** How the connection breaks, and after how many bytes. */
  readonly breaks: NetCause.Break | "hang" | undefined
  readonly breakAt: number
  readonly pieces: Range.Count | undefined
  readonly pause: Duration.Input | undefined
  /** Never succeeds; fails when the client gives the request up from outside. */
  readonly hang: Effect.Effect<never, Error>
}

type Chunks = Arr.NonEmptyReadonlyArray<Uint8Array>

/** What arrives of `source`. It fails with the cause that the real client would give. */
export const make = <E>(
  source: Stream.Stream<Uint8Array, E>,
  plan: Plan
): Stream.Stream<Uint8Array, Error> =>
  Stream.ensuring(
    Stream.transformPull(source, (pull) => Effect.sync(() => pullWire(pull, plan))),
    Effect.sync(() => plan.connection.close("aborted"))
  )

const pullWire = <E>(pull: Pull.Pull<Chunks, E>, plan: Plan): Pull.Pull<Chunks, Error> => {
  const { breaks, connection, length = Infinity, pause, pieces, signal } = plan
  const breakAt = breaks === undefined ? Infinity : plan.breakAt
  let chunks: ReadonlyArray<Uint8Array> = []
  let index = 0
  let offset = 0
  let sent = 0

  const fail = (cause: Error): Effect.Effect<never, Error> => {
    connection.close("failed", cause)
    return Effect.fail(cause)
  }
  const breakNow = Effect.suspend(() =>
    breaks === "hang" || breaks === undefined ? plan.hang : fail(NetCause.ofBreak(breaks, "body"))
  )
  const ended = Effect.suspend((): Pull.Pull<never, Error> => {
    if (sent < length && Number.isFinite(length)) return fail(NetCause.ofBreak("close", "body"))
    connection.close("answered")
    return Cause.done()
  })
  const piece = Effect.fnUntraced(function* (chunk: Uint8Array) {
    const bytesMax = pieces === undefined ? Infinity : yield* Range.pickCount(pieces)
    if (pause !== undefined) yield* Effect.sleep(pause)
    const size = Math.min(chunk.length - offset, bytesMax, breakAt - sent, length - sent)
    const start = offset
    offset += size
    sent += size
    connection.sent(size)
    return [chunk.subarray(start, offset)] as const
  })
  const next: Pull.Pull<Chunks, Error> = Effect.suspend(() => {
    if (signal.aborted) return Effect.fail(NetCause.aborted(signal))
    // A client reads no more than it was promised, and what it has whole cannot break.
    if (sent >= length) return ended
    if (sent >= breakAt) return breakNow
    const chunk = chunks[index]
    if (chunk !== undefined && offset < chunk.length) return piece(chunk)
    if (chunk !== undefined) {
      index++
      offset = 0
      return next
    }
    return Pull.matchEffect(pull, {
      onSuccess: (pulled) => {
        chunks = pulled
        index = offset = 0
        return next
      },
      // A server whose answer fails midway can only hang up.
      onFailure: (cause) =>
        Cause.hasDies(cause)
          ? Effect.failCause(Cause.map(cause, () => NetCause.ofBreak("close", "body")))
          : fail(NetCause.ofBreak("close", "body")),
      onDone: () => (Number.isFinite(breakAt) ? breakNow : ended)
    })
  })
  return next
}

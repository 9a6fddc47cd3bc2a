/**
 * A meeting point for a fixed number of tasks: each waits until all are there.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as WaitQueue from "./internal/waitQueue.ts"
import * as Waits from "./Waits.ts"

/**
 * Why nobody can meet at a barrier: it was reset while this task waited, or it is aborted.
 *
 * @since 0.1.0
 */
export class BarrierBroken extends Data.TaggedError("BarrierBroken")<{
  /** The name of the barrier. */
  readonly barrier: string | undefined
  readonly reason: "reset" | "abort"
}> {
  override get message(): string {
    const barrier = this.barrier === undefined ? "the barrier" : `the barrier "${this.barrier}"`
    return this.reason === "reset"
      ? `${barrier} was reset: the parties may meet again`
      : `${barrier} is aborted: reset it to use it again`
  }
}

/**
 * Defect raised when a number of parties is not a positive integer.
 *
 * @since 0.1.0
 */
export class PartiesOutOfRange extends Data.TaggedError("PartiesOutOfRange")<{
  readonly requested: number
  readonly limit: number
}> {
  override get message(): string {
    return `${this.requested} parties: give an integer from 1 to ${this.limit}`
  }
}

/**
 * A meeting point. After each meeting it is empty again, and the next one can begin.
 *
 * @since 0.1.0
 */
export interface Barrier {
  /**
   * Waits until all parties are there. Each gets another number, from 0 in order of arrival. Fails
   * with `BarrierBroken` if the barrier is or gets aborted, or is reset in the meantime.
   *
   * Waiting is interruptible, and who is interrupted is no longer there: the others wait for one
   * more.
   */
  readonly await: Effect.Effect<number, BarrierBroken>
  /** Sends away all who wait, and mends an aborted barrier: the next meeting can begin. */
  readonly reset: Effect.Effect<void>
  /** Sends away all who wait and all who come, until it is reset. */
  readonly abort: Effect.Effect<void>
  /** What is the case now. */
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * The state of a barrier at one moment.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  readonly parties: number
  /** How many are there and wait for the others. */
  readonly waiting: number
  readonly aborted: boolean
}

/**
 * Creates an empty barrier for a number of parties. The name is for reports.
 *
 * ```ts
 * const barrier = yield* Barrier.make(3)
 * const party = barrier.await
 * yield* Effect.all([party, party, party], { concurrency: "unbounded" }) // => [0, 1, 2]
 * ```
 *
 * @since 0.1.0
 */
export const make = (
  parties: number,
  options?: { readonly name?: string | undefined }
): Effect.Effect<Barrier> =>
  Effect.suspend(() =>
    Number.isInteger(parties) && parties >= 1
      ? Effect.succeed(barrier(parties, options?.name))
      : Effect.die(new PartiesOutOfRange({ requested: parties, limit: Number.MAX_SAFE_INTEGER }))
  )

const barrier = (parties: number, name: string | undefined): Barrier => {
  const line = WaitQueue.make(Waits.resource({ kind: "Barrier", name }))
  let aborted = false

  const broken = (reason: BarrierBroken["reason"]) =>
    Effect.fail(new BarrierBroken({ barrier: name, reason }))

  return {
    await: WaitQueue.wait((party) => {
      const last = parties - 1
      if (aborted) return party.resume(broken("abort"))
      if (line.size < last) return line.push(party)
      WaitQueue.wakeAll(line, Effect.succeed)
      party.resume(Effect.succeed(last))
    }),
    reset: Effect.sync(() => {
      aborted = false
      WaitQueue.wakeAll(line, () => broken("reset"))
    }),
    abort: Effect.sync(() => {
      aborted = true
      WaitQueue.wakeAll(line, () => broken("abort"))
    }),
    snapshot: Effect.sync(() => ({ parties, waiting: line.size, aborted }))
  }
}

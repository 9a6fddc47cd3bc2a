/**
 * The gate through which every operation goes to the disk: it numbers them, makes them wait, lets them
 * fail as the faults say, and lets none through once the power is off.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import type { Dice } from "./dice.ts"
import { type Asked, badArgument, type ErrorCode, platformError, Refused } from "./errno.ts"
import type { Volume } from "./volume.ts"

export type OperationKind =
  | "access"
  | "chmod"
  | "chown"
  | "close"
  | "link"
  | "makeDirectory"
  | "open"
  | "read"
  | "readDirectory"
  | "readLink"
  | "realPath"
  | "remove"
  | "rename"
  | "stat"
  | "symlink"
  | "sync"
  | "truncate"
  | "utimes"
  | "write"

export interface Operation {
  /** From 1 on, in the order in which the program asked. */
  readonly number: number
  readonly kind: OperationKind
  /** As given; for an operation on an open file, as given when it was opened. */
  readonly path: string
  /** The second path of a link, a symbolic link or a rename. */
  readonly to: string | undefined
  /** Bytes that a read or a write asks for. */
  readonly bytes: number | undefined
}

export interface Fault {
  readonly on?: ((operation: Operation) => boolean) | undefined
  readonly nth?: number | undefined
  readonly count?: number | undefined
  readonly probability?: number | undefined
  readonly error?: ErrorCode | undefined
  readonly bytesMax?: number | undefined
  readonly delay?: Duration.Input | undefined
}

export interface Request extends Asked {
  readonly kind: OperationKind
  /** Of an open file: the path that it was opened by. */
  readonly opened?: string | undefined
  readonly bytes?: number | undefined
}

export interface Gate {
  /**
   * Does what is asked for, once. An interrupt ends the waiting only, as with Node: the operation is
   * under way, and takes effect. `failed` runs in place of `act` when a fault refuses it.
   */
  readonly run: <A>(
    request: Request,
    act: (bytesMax: number) => A,
    failed?: () => void
  ) => Effect.Effect<A, PlatformError>
  readonly log: ReadonlyArray<Operation>
  readonly count: number
  /** From now on nothing takes effect, and nothing returns but by interruption. */
  readonly powerOff: () => void
  readonly awaitPowerOff: Effect.Effect<void>
  faults: ReadonlyArray<Fault>
}

export interface GateOptions {
  readonly latency: Duration.Duration
  readonly operationsMax: number
  readonly crashAfter: number
  readonly faults: ReadonlyArray<Fault>
}

export const make = (volume: Volume, dice: Dice, options: GateOptions): Gate => {
  let [count, isOff] = [0, false]
  let faults: ReadonlyArray<Fault> = []
  let matches: Array<number> = []
  const log: Array<Operation> = []
  const off = Deferred.makeUnsafe<void>()

  const powerOff = () => {
    isOff = true
    Deferred.doneUnsafe(off, Effect.void)
  }

  const record = ({ bytes, kind, opened, path, to }: Request): Operation => {
    const operation = { number: ++count, kind, path: opened ?? path ?? "", to, bytes }
    log.push(operation)
    if (log.length > options.operationsMax) log.shift()
    return operation
  }

  const hits = (operation: Operation): ReadonlyArray<Fault> =>
    faults.filter(({ count = 1, nth = 1, on, probability = 1 }, index) => {
      if (on !== undefined && !on(operation)) return false
      const match = (matches[index] = (matches[index] ?? 0) + 1)
      return match >= nth && match < nth + count && (probability === 1 || dice.chance(probability))
    })

  const run: Gate["run"] = (request, act, failed) =>
    Effect.uninterruptibleMask((restore) =>
      Clock.clockWith((clock) => {
        if (count >= options.crashAfter) powerOff()
        if (isOff) return Effect.interrupt
        if (`${request.path}${request.to}`.includes("\0")) {
          return Effect.fail(badArgument(request.method, "a path cannot have null bytes"))
        }
        const hit = hits(record(request))
        const error = hit.find(({ error }) => error !== undefined)?.error
        const bytesMax = Math.min(...hit.map(({ bytesMax }) => bytesMax ?? Infinity))
        const perform = () => {
          if (isOff) return Effect.interrupt
          volume.now = clock.currentTimeMillisUnsafe()
          if (error !== undefined) {
            failed?.()
            return Effect.fail(platformError(error, request))
          }
          return outcome(() => act(bytesMax), request)
        }
        const delays = hit.map(({ delay }) => Duration.fromInputUnsafe(delay ?? 0))
        const wait = delays.reduce(Duration.sum, options.latency)
        return restore(Duration.isZero(wait) ? Effect.yieldNow : Effect.sleep(wait)).pipe(
          Effect.onInterrupt(() => Effect.sync(perform)),
          Effect.flatMap(perform)
        )
      })
    )

  const gate: Gate = {
    run,
    log,
    get count() {
      return count
    },
    powerOff,
    awaitPowerOff: Deferred.await(off),
    get faults() {
      return faults
    },
    set faults(next) {
      faults = next
      matches = []
    }
  }
  gate.faults = options.faults
  return gate
}

/** A refusal is the failure of the operation; anything else that is thrown is a bug of the disk. */
const outcome = <A>(act: () => A, request: Request): Effect.Effect<A, PlatformError> => {
  const result = Result.try({ try: act, catch: (thrown) => thrown })
  if (Result.isSuccess(result)) return Effect.succeed(result.success)
  const thrown = result.failure
  if (!(thrown instanceof Refused)) return Effect.die(thrown)
  return Effect.fail(platformError(thrown.code, { ...request, ...thrown.but }))
}

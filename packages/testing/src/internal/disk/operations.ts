/**
 * The gate that every operation goes through: it makes them wait, lets them fail as the faults say,
 * counts them, and lets none through once the power is off.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import type { Dice } from "./dice.ts"
import { type Asked, badArgument, type Code, platformError, Refused } from "./errno.ts"
import * as Faults from "./faults.ts"
import type { Done, Operation, OperationKind } from "./operation.ts"
import type { Volume } from "./volume.ts"

export interface Request extends Asked {
  readonly kind: OperationKind
  /** The path of the operation, where errors show another one. */
  readonly subject?: string | undefined
  readonly bytes?: number | undefined
}

export interface Gate {
  /**
   * Does what is asked for, once. An interrupt ends the waiting only, as with Node: the operation is
   * under way, and is done at that moment. `failed` runs in place of `act` when a fault refuses it.
   */
  readonly run: <A>(
    request: Request,
    act: (bytesMax: number) => A,
    failed?: () => void
  ) => Effect.Effect<A, PlatformError>
  /** The last operations that were done, at least `logMax` of them. */
  readonly log: ReadonlyArray<Done>
  readonly isOff: boolean
  /** From now on nothing is done, and nothing returns but by interruption. */
  readonly powerOff: () => void
  readonly awaitPowerOff: Effect.Effect<void>
  readonly setFaults: (faults: ReadonlyArray<Faults.Fault>) => void
}

export interface GateOptions {
  readonly latency: Duration.Duration
  readonly faults: ReadonlyArray<Faults.Fault>
  /** The power goes off when so many operations are done, and another one is about to be. */
  readonly crashAfter: number
  /** How many operations are remembered. */
  readonly logMax: number
}

/** Code that goes on and on after the power failure shall not keep the processor busy. */
const callsWithoutPowerMax = 10_000

export const make = (volume: Volume, dice: Dice, options: GateOptions): Gate => {
  let [count, callsWithoutPower, isOff] = [0, 0, false]
  let hitOf = Faults.make(options.faults, dice)
  const log: Array<Done> = []
  const off = Deferred.makeUnsafe<void>()

  const powerOff = () => {
    isOff = true
    Deferred.doneUnsafe(off, Effect.void)
  }
  const withoutPower = Effect.suspend(() =>
    ++callsWithoutPower > callsWithoutPowerMax ? Effect.never : Effect.interrupt
  )

  const record = (operation: Operation, error: string | undefined) => {
    log.push({ ...operation, number: ++count, error })
    if (log.length >= 2 * options.logMax) log.splice(0, options.logMax)
  }

  const run: Gate["run"] = (request, act, failed) =>
    Effect.uninterruptibleMask((restore) =>
      Clock.clockWith((clock) => {
        if (isOff) return withoutPower
        if (`${request.path}${request.to}`.includes("\0")) {
          return Effect.fail(badArgument(request.method, "a path cannot have null bytes"))
        }
        const operation = operationOf(request)
        const hit = hitOf(operation)
        const perform = () => {
          if (count >= options.crashAfter) powerOff()
          if (isOff) return withoutPower
          volume.now = clock.currentTimeMillisUnsafe()
          if (hit.error !== undefined) failed?.()
          const result =
            hit.error === undefined
              ? attempt(() => act(hit.bytesMax))
              : Result.fail(new Refused({ code: hit.error, but: {} }))
          record(operation, Result.isFailure(result) ? codeOf(result.failure) : undefined)
          return Result.match(result, {
            onSuccess: Effect.succeed,
            onFailure: (thrown) => failure(thrown, request)
          })
        }
        const wait = Duration.sum(options.latency, hit.delay)
        return restore(Duration.isZero(wait) ? Effect.yieldNow : Effect.sleep(wait)).pipe(
          // An interrupt ends the waiting for the operation only: what comes of it, nobody hears.
          Effect.onInterrupt(() => Effect.sync(() => void perform())),
          Effect.flatMap(perform)
        )
      })
    )

  return {
    run,
    log,
    get isOff() {
      return isOff
    },
    powerOff,
    awaitPowerOff: Deferred.await(off),
    setFaults: (faults) => {
      hitOf = Faults.make(faults, dice)
    }
  }
}

const operationOf = ({ bytes, kind, path, subject, to }: Request): Operation => ({
  kind,
  path: subject ?? path ?? "",
  to,
  bytes
})

const attempt = <A>(act: () => A): Result.Result<A, unknown> =>
  Result.try({ try: act, catch: (thrown) => thrown })

const codeOf = (thrown: unknown): Code | undefined =>
  thrown instanceof Refused ? thrown.code : undefined

/** A refusal fails the operation; anything else that is thrown is a bug of the disk. */
const failure = (thrown: unknown, request: Request): Effect.Effect<never, PlatformError> =>
  thrown instanceof Refused
    ? Effect.fail(platformError(thrown.code, { ...request, ...thrown.but }))
    : Effect.die(thrown)

/** Runs a program once for each of its operations, with a crash after that, and checks what is left. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import * as Dice from "./dice.ts"
import { describe, type Done } from "./operation.ts"
import type { Outcome } from "./survivor.ts"

/**
 * A crash after which recovery failed, or its result did not pass the check.
 *
 * @since 0.1.0
 */
export class CrashFound extends Data.TaggedError("CrashFound")<{
  /** How many operations were done before the crash. */
  readonly after: number
  /** The last of them; `undefined` if the crash came before the first. */
  readonly operation: Done | undefined
  readonly outcome: Outcome
  /** The seed of the sweep. */
  readonly seed: number
  /** What the program had seen and was not so any more, in words. */
  readonly losses: ReadonlyArray<string>
  readonly failed: "recover" | "check"
  readonly cause: Cause.Cause<unknown>
}> {
  /** The options with which `crashEverywhere` repeats this crash, and no other. */
  get replay(): string {
    const only = `{ after: ${this.after}, outcome: ${JSON.stringify(this.outcome)} }`
    return this.seed === 1 ? `{ only: ${only} }` : `{ seed: ${this.seed}, only: ${only} }`
  }
  override get message(): string {
    const last = this.operation === undefined ? "" : `, ${describe(this.operation)}`
    return [
      `${this.failed} failed after a crash after operation ${this.after}${last}`,
      ...this.losses.map((loss) => `  ${loss}`),
      `  ${Cause.pretty(this.cause).split("\n", 1)[0]}`,
      `replay with crashEverywhere(program, recover, check, ${this.replay})`
    ].join("\n")
  }
}

/** What a sweep has done without finding anything. @since 0.1.0 */
export interface Swept {
  /** How many operations the program has when nothing cuts it. */
  readonly operations: number
  /** Crashes: one before the first operation, and one after each; fewer if `pointsMax` says so. */
  readonly points: number
  /** Disks that were recovered and checked. */
  readonly survivors: number
}

/** One crash. @since 0.1.0 */
export interface Crash {
  readonly after: number
  readonly outcome: Outcome
}

/** What a check gets to know. @since 0.1.0 */
export interface Survived<A, Ack> extends Crash {
  /** What recovery returned. */
  readonly recovered: A
  /** What the program had acknowledged when the power went off, in order. */
  readonly acknowledged: ReadonlyArray<Ack>
}

export interface SweepOptions {
  readonly seed: number
  readonly seedsPerPoint: number
  readonly pointsMax: number
  readonly grace: Duration.Input
  readonly only: Crash | undefined
}

export interface Machine {
  readonly fileSystem: FileSystem.FileSystem
  readonly operations: Effect.Effect<ReadonlyArray<Done>>
  readonly losses: ReadonlyArray<string>
  readonly isOff: Effect.Effect<boolean>
  readonly powerOff: Effect.Effect<void>
  readonly awaitPowerOff: Effect.Effect<void>
  readonly crash: (outcome: Outcome) => Effect.Effect<Machine>
}

/** Tells the world outside of the disk, which no crash undoes. */
export type Acknowledge<Ack> = (value: Ack) => Effect.Effect<void>

export interface Parts<A, Ack, E, R, E1, R1, E2, R2> {
  /** A machine like all others, whose power goes off when so many operations are done. */
  readonly boot: (crashAfter: number) => Effect.Effect<Machine>
  readonly program: (acknowledge: Acknowledge<Ack>) => Effect.Effect<unknown, E, R>
  readonly recover: Effect.Effect<A, E1, R1>
  readonly check: (survived: Survived<A, Ack>) => Effect.Effect<unknown, E2, R2>
}

/** The services that a sweep does not give. */
export type Outside<R> = Exclude<Exclude<R, Scope.Scope>, FileSystem.FileSystem>

export const sweep = <A, Ack, E, R, E1, R1, E2, R2>(
  parts: Parts<A, Ack, E, R, E1, R1, E2, R2>,
  options: SweepOptions
): Effect.Effect<Swept, E | CrashFound, Outside<R> | Outside<R1> | Outside<R2>> =>
  Effect.gen(function* () {
    const { only } = options
    if (only !== undefined) {
      const run = yield* runUntil(parts, only.after, options.grace)
      yield* survive(parts, run, only.outcome, options.seed)
      return { operations: run.operations, points: 1, survivors: 1 }
    }
    const whole = yield* runUntil(parts, Infinity, options.grace)
    if (Exit.isFailure(whole.exit)) return yield* Effect.failCause(whole.exit.cause)
    const points = spread(whole.operations, options.pointsMax)
    let survivors = 0
    for (const after of points) {
      const run = yield* runUntil(parts, after, options.grace)
      const { losses } = yield* run.machine.crash("lost")
      // Where nothing can be lost, every outcome is the same.
      const outcomes = losses.length === 0 ? (["lost"] as const) : outcomesOf(after, options)
      for (const outcome of outcomes) yield* survive(parts, run, outcome, options.seed)
      survivors += outcomes.length
    }
    return { operations: whole.operations, points: points.length, survivors }
  })

/** From 0 to `last`, evenly, and never without the ends. */
const spread = (last: number, countMax: number): ReadonlyArray<number> => {
  const count = Math.min(last + 1, Math.max(2, countMax))
  return Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((index * last) / (count - 1))
  )
}

const outcomesOf = (
  after: number,
  { seed, seedsPerPoint }: SweepOptions
): ReadonlyArray<Outcome> => {
  const dice = Dice.make(seed + 7919 * after)
  const seeds = Array.from({ length: seedsPerPoint }, () => 1 + dice.below(999_999))
  return ["lost", "kept", "names", "zeros", ...seeds]
}

interface Run<Ack, E> {
  readonly machine: Machine
  /** How the program ended, if it did before its power was off. */
  readonly exit: Exit.Exit<unknown, E>
  readonly acknowledged: ReadonlyArray<Ack>
  readonly operations: number
  readonly last: Done | undefined
}

/** Runs the program until so many operations are done, or until it has ended, and cuts the power. */
const runUntil = <A, Ack, E, R, E1, R1, E2, R2>(
  { boot, program }: Parts<A, Ack, E, R, E1, R1, E2, R2>,
  crashAfter: number,
  grace: Duration.Input
): Effect.Effect<Run<Ack, E>, never, Outside<R>> =>
  Effect.gen(function* () {
    const machine = yield* boot(crashAfter)
    const acknowledged: Array<Ack> = []
    const acknowledge = (value: Ack) =>
      Effect.map(machine.isOff, (isOff) => (isOff ? undefined : void acknowledged.push(value)))
    const running = Effect.scoped(program(acknowledge)).pipe(
      Effect.provideService(FileSystem.FileSystem, machine.fileSystem)
    )
    const fiber = yield* Effect.forkDetach(running)
    // Code of the dead machine may wait for what will not come any more: it is left behind.
    const gone = Effect.raceFirst(
      Effect.interruptible(Fiber.interrupt(fiber)),
      Effect.interruptible(Effect.sleep(grace))
    )
    const cut = Effect.andThen(machine.powerOff, gone)
    const ended = Effect.raceFirst(Effect.asVoid(Fiber.await(fiber)), machine.awaitPowerOff)
    yield* Effect.ensuring(ended, cut)
    const exit = fiber.pollUnsafe() ?? Exit.interrupt()
    const operations = yield* machine.operations
    const last = operations.at(-1)
    return { machine, exit, acknowledged, operations: last?.number ?? 0, last }
  })

/** Recovers what the outcome left, and checks it. */
const survive = <A, Ack, E, R, E1, R1, E2, R2>(
  { check, recover }: Parts<A, Ack, E, R, E1, R1, E2, R2>,
  { acknowledged, last, machine, operations: after }: Run<Ack, E>,
  outcome: Outcome,
  seed: number
): Effect.Effect<void, CrashFound, Outside<R1> | Outside<R2>> =>
  Effect.gen(function* () {
    const { fileSystem, losses } = yield* machine.crash(outcome)
    const step = <B, E, R>(failed: CrashFound["failed"], effect: Effect.Effect<B, E, R>) =>
      Effect.scoped(effect).pipe(
        Effect.provideService(FileSystem.FileSystem, fileSystem),
        Effect.catchCause((cause) =>
          Effect.fail(
            new CrashFound({ after, operation: last, outcome, seed, losses, failed, cause })
          )
        )
      )
    const recovered = yield* step("recover", recover)
    yield* step("check", check({ after, outcome, recovered, acknowledged: [...acknowledged] }))
  })

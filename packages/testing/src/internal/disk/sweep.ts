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

/** One crash. @since 0.1.0 */
export interface Crash {
  /** How many operations were done before. */
  readonly after: number
  readonly outcome: Outcome
  /** A second crash, of the recovery from this one, after so many of its operations. */
  readonly again?: { readonly after: number; readonly outcome: Outcome } | undefined
}

/**
 * A crash after which recovery failed, or its result did not pass the check.
 *
 * @since 0.1.0
 */
export class CrashFound extends Data.TaggedError("CrashFound")<{
  readonly crash: Crash
  /** The last operation before it; `undefined` if it came before the first. */
  readonly operation: Done | undefined
  /** The seed of the sweep. */
  readonly seed: number
  /** What had been seen on the disk and was not so any more, in words. */
  readonly losses: ReadonlyArray<string>
  readonly failed: "recover" | "check"
  readonly cause: Cause.Cause<unknown>
}> {
  /** The options with which `crashEverywhere` repeats this crash, and no other. */
  get replay(): string {
    const only = `only: ${textOf(this.crash)}`
    return this.seed === defaultSeed ? `{ ${only} }` : `{ seed: ${this.seed}, ${only} }`
  }
  override get message(): string {
    const { after, again } = this.crash
    const last = this.operation === undefined ? "" : `, ${describe(this.operation)}`
    const second = again === undefined ? "" : `, and one of its recovery after ${again.after}`
    return [
      `${this.failed} failed after a crash after operation ${after}${last}${second}`,
      ...this.losses.map((loss) => `  ${loss}`),
      `  ${Cause.pretty(this.cause).split("\n", 1)[0]}`,
      `replay with crashEverywhere(program, recover, check, ${this.replay})`
    ].join("\n")
  }
}

export const defaultSeed = 1

const textOf = ({ after, again, outcome }: Crash): string => {
  const second = again === undefined ? "" : `, again: ${textOf(again)}`
  return `{ after: ${after}, outcome: ${JSON.stringify(outcome)}${second} }`
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
  readonly recoveryCrashes: number
  readonly grace: Duration.Input
  readonly only: Crash | undefined
}

interface Machine {
  readonly fileSystem: FileSystem.FileSystem
  readonly operations: Effect.Effect<ReadonlyArray<Done>>
  readonly losses: ReadonlyArray<string>
  readonly isOff: Effect.Effect<boolean>
  readonly powerOff: Effect.Effect<void>
  readonly awaitPowerOff: Effect.Effect<void>
  readonly crash: (
    outcome: Outcome,
    options?: { readonly crashAfter: number }
  ) => Effect.Effect<Machine>
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
      yield* survive(parts, run, only, options)
      return { operations: run.operations, points: 1, survivors: 1 }
    }
    const whole = yield* runUntil(parts, Infinity, options.grace)
    if (Exit.isFailure(whole.exit)) return yield* Effect.failCause(whole.exit.cause)
    const points = spread(whole.operations, options.pointsMax)
    let survivors = 0
    for (const after of points) survivors += yield* crashAt(parts, after, options)
    return { operations: whole.operations, points: points.length, survivors }
  })

/** Tries what a crash after so many operations can leave; returns how many disks that were. */
const crashAt = <A, Ack, E, R, E1, R1, E2, R2>(
  parts: Parts<A, Ack, E, R, E1, R1, E2, R2>,
  after: number,
  options: SweepOptions
): Effect.Effect<number, CrashFound, Outside<R> | Outside<R1> | Outside<R2>> =>
  Effect.gen(function* () {
    const dice = Dice.make(options.seed + 7919 * after)
    const seed = () => 1 + dice.below(999_999)
    const run = yield* runUntil(parts, after, options.grace)
    const { losses } = yield* run.machine.crash("lost")
    const seeds = Array.from({ length: options.seedsPerPoint }, seed)
    const all: ReadonlyArray<Outcome> = ["lost", "kept", "names", "zeros", ...seeds]
    // Where nothing can be lost, every outcome is the same.
    const outcomes = losses.length === 0 ? all.slice(0, 1) : all
    for (const outcome of outcomes) {
      const operations = yield* survive(parts, run, { after, outcome }, options)
      for (let count = 0; count < options.recoveryCrashes; count++) {
        const again = { after: dice.below(operations + 1), outcome: seed() }
        yield* survive(parts, run, { after, outcome, again }, options)
      }
    }
    return outcomes.length * (1 + options.recoveryCrashes)
  })

/** From 0 to `last`, evenly, and never without the ends. */
const spread = (last: number, countMax: number): ReadonlyArray<number> => {
  const count = Math.min(last + 1, countMax)
  return Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((index * last) / (count - 1))
  )
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
    const exit = yield* runOn(machine, program(acknowledge), grace)
    const operations = yield* machine.operations
    const last = operations.at(-1)
    return { machine, exit, acknowledged, operations: last?.number ?? 0, last }
  })

/** Runs an effect on a machine until it has ended or the power is off; then it is off for sure. */
const runOn = <A, E, R>(
  machine: Machine,
  effect: Effect.Effect<A, E, R>,
  grace: Duration.Input
): Effect.Effect<Exit.Exit<A, E>, never, Outside<R>> => {
  const running = onDisk(machine, effect)
  return Effect.acquireUseRelease(
    Effect.forkDetach(running),
    (fiber) =>
      Effect.raceFirst(Effect.asVoid(Fiber.await(fiber)), machine.awaitPowerOff).pipe(
        Effect.map(() => fiber.pollUnsafe() ?? Exit.interrupt())
      ),
    (fiber) => {
      // Code of a dead machine may wait for what will not come any more: it is left behind.
      const gone = Effect.raceFirst(
        Effect.interruptible(Fiber.interrupt(fiber)),
        Effect.interruptible(Effect.sleep(grace))
      )
      return Effect.andThen(machine.powerOff, gone)
    }
  )
}

const onDisk = <A, E, R>(
  { fileSystem }: Machine,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, Outside<R>> =>
  Effect.provideService(Effect.scoped(effect), FileSystem.FileSystem, fileSystem)

/** Recovers what a crash left, and checks it; returns how many operations recovery took. */
const survive = <A, Ack, E, R, E1, R1, E2, R2>(
  { check, recover }: Parts<A, Ack, E, R, E1, R1, E2, R2>,
  { acknowledged, last, machine, operations }: Run<Ack, E>,
  { again, outcome }: Crash,
  { grace, seed }: SweepOptions
): Effect.Effect<number, CrashFound, Outside<R1> | Outside<R2>> =>
  Effect.gen(function* () {
    const crash = { after: operations, outcome, again }
    let left = yield* machine.crash(outcome, { crashAfter: again?.after ?? Infinity })
    if (again !== undefined) {
      yield* runOn(left, recover, grace)
      left = yield* left.crash(again.outcome)
    }
    const { losses } = left
    const found = (failed: CrashFound["failed"]) => (cause: Cause.Cause<unknown>) =>
      Effect.fail(new CrashFound({ crash, operation: last, seed, losses, failed, cause }))
    const recovered = yield* Effect.catchCause(onDisk(left, recover), found("recover"))
    const done = yield* left.operations
    const survived = { ...crash, recovered, acknowledged }
    yield* Effect.catchCause(onDisk(left, check(survived)), found("check"))
    return done.at(-1)?.number ?? 0
  })

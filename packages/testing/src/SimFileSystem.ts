/**
 * Effect's `FileSystem` in memory, with what real disks do: crashes that lose and tear what was not made
 * durable, errors at the n-th operation, short writes, a full disk, slowness.
 *
 * A program sees what it wrote at once; that is the page cache. What of it survives a crash is another
 * question, and this is the model that answers it, no kinder than POSIX (fsync(2), rename(2)) and the
 * file systems in "All File Systems Are Not Created Equal" (Pillai et al., OSDI 2014):
 *
 * - `sync` of an open file makes its data, its size and its metadata durable, and not its name.
 * - `sync` of an open directory (`open(path)`, then `sync`, as on Linux) makes the names in it durable.
 * - Data that was not synced is kept or lost sector by sector, in any order. The new size may be durable
 *   before the data: then zeros stand where the data should be. A sector is never torn itself.
 * - A `sync` that fails loses the data for good, as on Linux: see `Fault`.
 * - A change of names that was not synced (create, remove, rename, link) is kept or lost whole, each by
 *   itself, also later ones without earlier ones, unless they are about the same name. A rename over a
 *   file gives the old file or the new one. A rename between directories gives exactly one name, and a
 *   sync of either directory makes it durable.
 * - A durable file that is only moved is somewhere: a move into a new directory needs that directory, a
 *   directory is removed only with what was moved out of it, and directories that move into others do so
 *   in order, for no file system leaves a circle.
 *
 * That ext4 and others keep more than this in most cases is no promise. Not in the model: files that are
 * broken by the disk itself, and a disk that lies about a sync.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Bounds from "./internal/disk/bounds.ts"
import * as Dice from "./internal/disk/dice.ts"
import type { Fault } from "./internal/disk/faults.ts"
import * as Files from "./internal/disk/fileSystem.ts"
import type { Done } from "./internal/disk/operation.ts"
import * as Operations from "./internal/disk/operations.ts"
import { type Outcome, survivorOf } from "./internal/disk/survivor.ts"
import * as Sweep from "./internal/disk/sweep.ts"
import * as Volume from "./internal/disk/volume.ts"

/** A crash that recovery or its check did not survive. @since 0.1.0 */
export { CrashFound } from "./internal/disk/sweep.ts"

/** What can be asked of a disk, and what was done. @since 0.1.0 */
export type { Done, Operation, OperationKind } from "./internal/disk/operation.ts"

/** What goes wrong, and when. @since 0.1.0 */
export type { Fault } from "./internal/disk/faults.ts"

/** What a disk refuses with. @since 0.1.0 */
export type { ErrorCode } from "./internal/disk/errno.ts"

/** What a crash leaves. @since 0.1.0 */
export type { Outcome } from "./internal/disk/survivor.ts"

/** The parts of a sweep. @since 0.1.0 */
export type { Acknowledge, Crash, Survived, Swept } from "./internal/disk/sweep.ts"

/** Defect raised when an option is out of its range. @since 0.1.0 */
export { OptionOutOfRange } from "./internal/disk/bounds.ts"

/** What a disk is made with. @since 0.1.0 */
export interface Options extends Settings {
  /**
   * Decides about faults with a probability and about the names of temporary files. Default: a number
   * from Effect's `Random`, so that in a simulation its seed decides.
   */
  readonly seed?: number | undefined
  /**
   * The most that a crash keeps or loses whole, at least 1. Default 512, what disks promise; with 1 any
   * byte by itself, which is what POSIX promises.
   */
  readonly sectorBytes?: number | undefined
  /** How long each operation takes, on Effect's clock. Default 0: one turn of the scheduler. */
  readonly latency?: Duration.Input | undefined
  /** The power goes off when so many operations are done, and another one is about to be. */
  readonly crashAfter?: number | undefined
  /** How many operations are remembered at least. Default 10,000; twice as many at most. */
  readonly operationsMax?: number | undefined
}

/** What can be changed while a disk is in use. @since 0.1.0 */
export interface Settings {
  /** What goes wrong. They count operations from the moment at which they are given. Default: nothing. */
  readonly faults?: ReadonlyArray<Fault> | undefined
  /**
   * The room for files, by the sum of their sizes: above it writes are short, then fail with `ENOSPC`.
   * Default: no limit; one file has at most 1 GiB.
   */
  readonly capacityBytes?: number | undefined
  /** Everything that would change the disk is refused with `EROFS`. Default `false`. */
  readonly readOnly?: boolean | undefined
}

/** What is taken for options that are left out. @since 0.1.0 */
export const defaults = {
  sectorBytes: 512,
  latency: 0,
  operationsMax: 10_000,
  capacityBytes: Infinity
} as const satisfies Options

/** A machine with one disk, up to the moment at which its power goes off. @since 0.1.0 */
export interface SimFileSystem {
  /**
   * The disk as a running program sees it. It has a root, and a directory `/tmp`; relative paths start
   * at the root. Programs run as root: permissions are kept, and never refuse anything; a `Fault` does.
   * `watch` fails with `BadArgument`.
   *
   * An interrupt ends the waiting for an operation, and not the operation, as with Node. Once the power
   * is off, no operation does anything, and each ends its fiber as an interrupt does; only a `close`
   * returns, so that scopes can end.
   */
  readonly fileSystem: FileSystem.FileSystem
  readonly layer: Layer.Layer<FileSystem.FileSystem>
  /** What was done or refused so far, the last `operationsMax` at least, in order. */
  readonly operations: Effect.Effect<ReadonlyArray<Done>>
  /** What the crash before this start took away, in words: nothing on a disk that is new. */
  readonly losses: ReadonlyArray<string>
  /** Changes the given settings, and leaves the others as they are. */
  readonly configure: (settings: Settings) => Effect.Effect<void>
  /** Cuts the power: from now on no operation takes effect or returns. */
  readonly powerOff: Effect.Effect<void>
  readonly isOff: Effect.Effect<boolean>
  /** Waits until the power is off. */
  readonly awaitPowerOff: Effect.Effect<void>
  /**
   * Cuts the power if it is on, and starts a machine on a disk with what the crash has left. Again, it
   * gives another one: what one crash can leave can be looked at one by one.
   *
   * The new machine has the same sectors, latency and capacity, unless `options` says otherwise, and no
   * faults.
   */
  readonly crash: (
    outcome: Outcome,
    options?: Omit<Options, "sectorBytes">
  ) => Effect.Effect<SimFileSystem>
}

/**
 * Creates an empty disk. Dies with `OptionOutOfRange`.
 *
 * ```ts
 * const disk = yield* SimFileSystem.make()
 * yield* disk.fileSystem.writeFileString("/notes", "remember the milk")
 * yield* disk.fileSystem.readFileString("/notes") // => "remember the milk"
 * const left = yield* disk.crash("names")
 * yield* left.fileSystem.readFileString("/notes") // => ""
 * left.losses // => ["/notes: 0 of 17 bytes"]
 * ```
 *
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<SimFileSystem> =>
  Effect.gen(function* () {
    yield* checkOptions(options)
    const volume = Volume.make({
      sectorBytes: options.sectorBytes ?? defaults.sectorBytes,
      capacityBytes: options.capacityBytes ?? defaults.capacityBytes,
      readOnly: false
    })
    Volume.makeDirectory(volume, "/tmp")
    volume.changes.sync(volume.root)
    volume.limits.readOnly = options.readOnly ?? false
    return yield* start(volume, options, [])
  })

/**
 * The file system of a disk that is made with the layer.
 *
 * ```ts
 * const full = SimFileSystem.layer({ capacityBytes: 4 })
 * const write = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString("/a", "12345"))
 * const error = yield* Effect.flip(Effect.provide(write, full))
 * error.message // => "Unknown: FileSystem.writeFile (/a)"
 * ```
 *
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(make(options), ({ fileSystem }) => fileSystem)
  )

const start = Effect.fnUntraced(function* (
  volume: Volume.Volume,
  options: Options,
  losses: ReadonlyArray<string>
): Effect.fn.Return<SimFileSystem> {
  const dice = Dice.make(options.seed ?? (yield* Random.nextInt))
  const latency = Duration.fromInputUnsafe(options.latency ?? defaults.latency)
  const gate = Operations.make(volume, dice, {
    latency,
    faults: options.faults ?? [],
    crashAfter: options.crashAfter ?? Infinity,
    logMax: options.operationsMax ?? defaults.operationsMax
  })
  const fileSystem = Files.make({ volume, gate }, dice)
  const configure = ({ capacityBytes, faults, readOnly }: Settings) => {
    if (faults !== undefined) gate.setFaults(faults)
    if (capacityBytes !== undefined) volume.limits.capacityBytes = capacityBytes
    if (readOnly !== undefined) volume.limits.readOnly = readOnly
  }
  return {
    fileSystem,
    layer: Layer.succeed(FileSystem.FileSystem, fileSystem),
    operations: Effect.sync(() => [...gate.log]),
    losses,
    configure: (settings) =>
      Effect.andThen(
        checkOptions(settings),
        Effect.sync(() => configure(settings))
      ),
    powerOff: Effect.sync(gate.powerOff),
    isOff: Effect.sync(() => gate.isOff),
    awaitPowerOff: gate.awaitPowerOff,
    crash: Effect.fnUntraced(function* (outcome, next = {}) {
      yield* checkOptions(next)
      gate.powerOff()
      const { losses, volume: left } = survivorOf(
        volume,
        outcome,
        Dice.make(typeof outcome === "number" ? outcome : 0)
      )
      left.limits.capacityBytes = next.capacityBytes ?? left.limits.capacityBytes
      left.limits.readOnly = next.readOnly ?? left.limits.readOnly
      return yield* start(left, { latency, ...next }, losses)
    })
  }
})

const checkOptions = (options: Options): Effect.Effect<void> =>
  Bounds.check([
    Bounds.whole("sectorBytes", options.sectorBytes, 1),
    Bounds.whole("capacityBytes", options.capacityBytes, 0),
    Bounds.whole("crashAfter", options.crashAfter, 0),
    Bounds.whole("operationsMax", options.operationsMax, 1),
    ...(options.faults ?? []).flatMap(({ bytesMax, count, nth, probability }) => [
      Bounds.whole("nth", nth, 1),
      Bounds.whole("count", count, 1),
      Bounds.whole("bytesMax", bytesMax, 0),
      Bounds.share("probability", probability)
    ])
  ])

/** How a sweep is made. @since 0.1.0 */
export interface SweepOptions {
  /** Every disk of the sweep is made with these. With a latency, sweep in a simulation. */
  readonly disk?: Omit<Options, "seed" | "crashAfter"> | undefined
  /** Runs before the program, without faults; what it leaves is durable. Default: nothing. */
  readonly setup?: Effect.Effect<unknown, never, FileSystem.FileSystem | Scope.Scope> | undefined
  /** Decides what outcomes are tried, and what disks do. Default 1. */
  readonly seed?: number | undefined
  /** Outcomes by seed for each crash, beside the four that have names. Default 4. */
  readonly seedsPerPoint?: number | undefined
  /** The most crashes that are tried; of more operations some are left out, evenly. Default 1,000. */
  readonly pointsMax?: number | undefined
  /**
   * How often recovery from each crash is cut itself, at an operation and with an outcome by seed, and
   * then run again: recovery must survive crashes, too. Default 0.
   */
  readonly recoveryCrashes?: number | undefined
  /** How long the finalizers of a program get that was cut. Default 1 second. */
  readonly grace?: Duration.Input | undefined
  /** This one crash, and no other. */
  readonly only?: Sweep.Crash | undefined
}

/**
 * Runs a program once for each of its operations, cuts the power after that one, lets `recover` and
 * `check` loose on what the crash has left, and stops at the first that fails.
 *
 * First the program runs to its end. Then, for every n from 0 to the number of its operations, it runs on
 * a new disk until n are done and another one is about to be: what it did with the results of the n, such
 * as to acknowledge them, has happened. At this moment it is interrupted; its finalizers run, and none of
 * them reaches a disk. Each crash leaves several disks, one for each `Outcome`. On each, `recover` runs,
 * then `check`, with what was acknowledged before the crash; neither sees faults.
 *
 * Fails with `CrashFound`, whose message ends with the options that repeat that crash alone, and with the
 * error of the program if it fails without a crash. A program of one fiber does the same in every run; one
 * of several does in a simulation.
 *
 * ```ts
 * const save = (text: string) =>
 *   Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString("/note", text))
 * const sweep = SimFileSystem.crashEverywhere(
 *   () => save("new"),
 *   Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString("/note")),
 *   ({ recovered }) => ["old", "new"].includes(recovered) ? Effect.void : Effect.fail(recovered),
 *   { setup: Effect.orDie(save("old")) }
 * )
 * const replay = Effect.catchTag(sweep, "CrashFound", ({ replay }) => Effect.succeed(replay))
 * yield* replay // => '{ only: { after: 1, outcome: "kept" } }'
 * ```
 *
 * @since 0.1.0
 */
export const crashEverywhere = <A, Ack, E, R, E1, R1, E2, R2>(
  program: (acknowledge: Sweep.Acknowledge<Ack>) => Effect.Effect<unknown, E, R>,
  recover: Effect.Effect<A, E1, R1>,
  check: (survived: Sweep.Survived<A, Ack>) => Effect.Effect<unknown, E2, R2>,
  options: SweepOptions = {}
): Effect.Effect<
  Sweep.Swept,
  E | Sweep.CrashFound,
  Sweep.Outside<R> | Sweep.Outside<R1> | Sweep.Outside<R2>
> =>
  Effect.gen(function* () {
    const { disk = {}, only, seed = Sweep.defaultSeed, setup = Effect.void } = options
    yield* Bounds.check([
      Bounds.whole("seedsPerPoint", options.seedsPerPoint, 0),
      Bounds.whole("pointsMax", options.pointsMax, 2),
      Bounds.whole("recoveryCrashes", options.recoveryCrashes, 0)
    ])
    const { capacityBytes, sectorBytes } = disk
    const installed = yield* make({ capacityBytes, sectorBytes, seed })
    yield* Effect.provideService(Effect.scoped(setup), FileSystem.FileSystem, installed.fileSystem)
    const boot = (crashAfter: number) => installed.crash("kept", { ...disk, seed, crashAfter })
    return yield* Sweep.sweep(
      { boot, program, recover, check },
      {
        seed,
        only,
        seedsPerPoint: options.seedsPerPoint ?? 4,
        pointsMax: options.pointsMax ?? 1_000,
        recoveryCrashes: options.recoveryCrashes ?? 0,
        grace: options.grace ?? "1 second"
      }
    )
  })

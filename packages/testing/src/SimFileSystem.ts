/**
 * Effect's `FileSystem` in memory, with what real disks do: a crash loses or tears what was not synced.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Descriptors from "./internal/disk/descriptors.ts"
import * as Dice from "./internal/disk/dice.ts"
import * as Files from "./internal/disk/fileSystem.ts"
import * as Operations from "./internal/disk/operations.ts"
import * as Survivor from "./internal/disk/survivor.ts"
import * as Volume from "./internal/disk/volume.ts"

export type Operation = Operations.Operation
export type Fault = Operations.Fault
export type Outcome = Survivor.Outcome

export interface Options {
  readonly seed?: number | undefined
  readonly sectorBytes?: number | undefined
  readonly capacityBytes?: number | undefined
  readonly readOnly?: boolean | undefined
  readonly latency?: Duration.Input | undefined
  readonly faults?: ReadonlyArray<Fault> | undefined
  readonly crashAfter?: number | undefined
}

export interface SimFileSystem {
  readonly fileSystem: FileSystem.FileSystem
  readonly layer: Layer.Layer<FileSystem.FileSystem>
  readonly operations: Effect.Effect<ReadonlyArray<Operation>>
  readonly losses: ReadonlyArray<string>
  readonly powerOff: Effect.Effect<void>
  readonly awaitPowerOff: Effect.Effect<void>
  readonly crash: (outcome: Outcome, options?: Options) => Effect.Effect<SimFileSystem>
}

export const make = (options: Options = {}): Effect.Effect<SimFileSystem> =>
  Effect.suspend(() => {
    const volume = Volume.make({
      sectorBytes: options.sectorBytes ?? 512,
      capacityBytes: options.capacityBytes ?? Infinity,
      readOnly: options.readOnly ?? false
    })
    Volume.makeDirectory(volume, "/tmp")
    volume.changes.sync(volume.root)
    return start(volume, [], options)
  })

const start = Effect.fnUntraced(function* (
  volume: Volume.Volume,
  losses: ReadonlyArray<string>,
  options: Options
): Effect.fn.Return<SimFileSystem> {
  const dice = yield* Dice.make(options.seed ?? (yield* Dice.seed))
  const gate = Operations.make(volume, dice, {
    latency: Duration.fromInputUnsafe(options.latency ?? 0),
    operationsMax: 10_000,
    crashAfter: options.crashAfter ?? Infinity,
    faults: options.faults ?? []
  })
  const disk: Descriptors.Disk = { volume, gate }
  const fileSystem = Files.make(disk, dice)
  return {
    fileSystem,
    layer: Layer.succeed(FileSystem.FileSystem, fileSystem),
    operations: Effect.sync(() => [...gate.log]),
    losses,
    powerOff: Effect.sync(gate.powerOff),
    awaitPowerOff: gate.awaitPowerOff,
    crash: Effect.fnUntraced(function* (outcome, next) {
      gate.powerOff()
      const dice = yield* Dice.make(typeof outcome === "number" ? outcome : 0)
      const survivor = Survivor.survivorOf(volume, outcome, dice)
      return yield* start(survivor.volume, survivor.losses, next ?? {})
    })
  }
})

import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber, FileSystem } from "effect"
import { SimFileSystem, Simulation } from "@fibra/testing"
import { append, contents, sync, writeDurably } from "./support/disks.ts"
import {
  appendRows,
  type Care,
  checkPublished,
  checkRows,
  publish,
  readConfig,
  readRows,
  recoverRows,
  setup
} from "./support/durablePrograms.ts"

const careful: Care = { syncsFile: true, syncsDirectory: true }

const sweepOfPublish = (care: Care, options: SimFileSystem.SweepOptions = {}) =>
  SimFileSystem.crashEverywhere(publish(care, 3), readConfig, checkPublished, { setup, ...options })

const sweepOfLog = (syncs: boolean, options: SimFileSystem.SweepOptions = {}) =>
  SimFileSystem.crashEverywhere(appendRows(syncs, 12), readRows, checkRows, { setup, ...options })

const found = <A, E, R>(sweep: Effect.Effect<A, E | SimFileSystem.CrashFound, R>) =>
  Effect.flatMap(Effect.flip(sweep), (error) =>
    error instanceof SimFileSystem.CrashFound ? Effect.succeed(error) : Effect.die(error)
  )

/** The options in the last line of the message, as somebody would copy them from there. */
const optionsIn = (message: string): SimFileSystem.SweepOptions => {
  const line = message.split("\n").at(-1)!
  const [, text] = /^replay with crashEverywhere\(program, recover, check, (\{.*\})\)$/.exec(line)!
  return JSON.parse(text!.replace(/(\w+):/g, '"$1":')) as SimFileSystem.SweepOptions
}

const write = (path: string, text = "text") =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => append(fs, path, text))
const look = Effect.flatMap(FileSystem.FileSystem, contents)

describe("SimFileSystem.crashEverywhere", () => {
  it.effect("DISK16: crashes before the first operation and after each, in every outcome", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const swept = yield* SimFileSystem.crashEverywhere(
        () => write("/a"),
        look,
        ({ after, outcome, recovered }) =>
          Effect.sync(() => {
            const text = recovered["/a"] ?? "none"
            seen.push(`${after} ${outcome} ${text.replaceAll("\0", "0")}`)
          }),
        { seedsPerPoint: 0 }
      )
      assert.deepStrictEqual(swept, { operations: 3, points: 4, survivors: 13 })
      assert.deepStrictEqual(seen, [
        "0 lost none",
        "1 lost none",
        "1 kept ",
        "1 names ",
        "1 zeros ",
        "2 lost none",
        "2 kept text",
        "2 names ",
        "2 zeros 0000",
        "3 lost none",
        "3 kept text",
        "3 names ",
        "3 zeros 0000"
      ])
    })
  )

  it.effect("DISK16: the seeds of outcomes differ from crash to crash, and with the seed", () =>
    Effect.gen(function* () {
      const seeds = Effect.fnUntraced(function* (seed: number) {
        const found: Array<SimFileSystem.Outcome> = []
        yield* SimFileSystem.crashEverywhere(
          () => write("/a"),
          Effect.void,
          ({ outcome }) => Effect.sync(() => found.push(outcome)),
          { seed, seedsPerPoint: 10 }
        )
        return found.filter((outcome) => typeof outcome === "number")
      })
      const [one, two] = [yield* seeds(1), yield* seeds(2)]
      assert.strictEqual(new Set([...one, ...two]).size, 60)
    })
  )

  it.effect("DISK16: a check knows what was acknowledged before the crash, and nothing else", () =>
    Effect.gen(function* () {
      const seen = new Set<string>()
      const swept = yield* SimFileSystem.crashEverywhere(
        (acknowledge: SimFileSystem.Acknowledge<string>) =>
          Effect.forEach(["/a", "/b"], (path) =>
            write(path).pipe(
              Effect.andThen(acknowledge(path)),
              Effect.ensuring(acknowledge("finalizer"))
            )
          ),
        Effect.void,
        ({ acknowledged, after }) =>
          Effect.sync(() => seen.add(`${after} ${acknowledged.join(" ")}`))
      )
      assert.strictEqual(swept.operations, 6)
      const none = ["0 ", "1 ", "2 "]
      const one = ["3 /a finalizer", "4 /a finalizer", "5 /a finalizer"]
      assert.deepStrictEqual([...seen], [...none, ...one, "6 /a finalizer /b finalizer"])
    })
  )

  it.effect("DISK16: setup is on every disk, is durable, and is not counted", () =>
    Effect.gen(function* () {
      const { operations } = yield* SimFileSystem.crashEverywhere(
        () => write("/a"),
        look,
        ({ recovered }) => Effect.sync(() => assert.strictEqual(recovered["/before"], "text")),
        { setup: Effect.orDie(write("/before", "text")), disk: { readOnly: false } }
      )
      assert.strictEqual(operations, 3)
    })
  )

  it.effect("DISK16: faults hit the program, and neither recovery nor the check", () =>
    Effect.gen(function* () {
      const faults = [{ count: Infinity, error: "EIO" }] as const
      const swept = yield* SimFileSystem.crashEverywhere(
        () => Effect.ignore(write("/a")),
        look,
        () => look,
        { disk: { faults } }
      )
      assert.strictEqual(swept.operations, 1)
    })
  )

  it.effect("DISK17: a torn write is found: rows that are read without a check", () =>
    Effect.gen(function* () {
      const failure = yield* found(sweepOfLog(false))
      assert.strictEqual(failure.failed, "recover")
      assert.match(String(Cause.squash(failure.cause)), /a torn row/)
      assert.deepInclude(failure.operation, { kind: "write", path: "/data/log" })
    })
  )

  it.effect("DISK17: the same program passes without a crash, and with a recovery that cuts", () =>
    Effect.gen(function* () {
      const { fileSystem } = yield* SimFileSystem.make()
      const whole = Effect.gen(function* () {
        yield* setup
        yield* Effect.scoped(appendRows(false, 12)(() => Effect.void))
        return yield* readRows
      })
      const rows = yield* Effect.provideService(whole, FileSystem.FileSystem, fileSystem)
      assert.strictEqual(rows.length, 12)
      const swept = yield* SimFileSystem.crashEverywhere(
        appendRows(true, 12),
        recoverRows,
        checkRows,
        {
          setup,
          seedsPerPoint: 20
        }
      )
      assert.strictEqual(swept.points, swept.operations + 1)
    })
  )

  it.effect.each([
    ["of the file", { syncsFile: false, syncsDirectory: true }, "the file is torn"],
    ["of the directory", { syncsFile: true, syncsDirectory: false }, "version 1 is lost"]
  ] as const)("DISK18: a rename without a sync %s is found", ([, care, reason]) =>
    Effect.gen(function* () {
      const failure = yield* found(sweepOfPublish(care))
      assert.strictEqual(failure.failed, "check")
      assert.strictEqual(Cause.squash(failure.cause), reason)
    })
  )

  it.effect(
    "DISK18: the same programs pass without a crash, and with both syncs also with crashes",
    () =>
      Effect.gen(function* () {
        for (const syncsFile of [false, true]) {
          for (const syncsDirectory of [false, true]) {
            const { fileSystem } = yield* SimFileSystem.make()
            const program = publish({ syncsFile, syncsDirectory }, 3)(() => Effect.void)
            const whole = Effect.andThen(Effect.andThen(setup, program), readConfig)
            const recovered = yield* Effect.provideService(whole, FileSystem.FileSystem, fileSystem)
            yield* checkPublished({ after: 0, outcome: "kept", acknowledged: [3], recovered })
          }
        }
        const swept = yield* sweepOfPublish(careful, { seedsPerPoint: 20 })
        assert.strictEqual(swept.points, swept.operations + 1)
      })
  )

  it.effect("DISK19: the line in the message repeats that crash alone", () =>
    Effect.gen(function* () {
      const sweeps = [
        (options?: SimFileSystem.SweepOptions) => sweepOfLog(false, options),
        (options?: SimFileSystem.SweepOptions) =>
          sweepOfPublish({ syncsFile: false, syncsDirectory: true }, options),
        (options?: SimFileSystem.SweepOptions) =>
          sweepOfPublish({ syncsFile: true, syncsDirectory: false }, { seed: 7, ...options })
      ]
      for (const [index, sweep] of sweeps.entries()) {
        const first = yield* found(sweep())
        const again = yield* found(sweep(optionsIn(first.message)))
        assert.strictEqual(again.message, first.message)
        assert.deepStrictEqual(again.losses, first.losses)
        assert.strictEqual(optionsIn(first.message).seed, index === 2 ? 7 : undefined)
      }
      const { only } = optionsIn(
        (yield* found(sweepOfPublish({ ...careful, syncsFile: false }))).message
      )
      assert.deepStrictEqual(yield* sweepOfPublish(careful, { only }), {
        operations: 4,
        points: 1,
        survivors: 1
      })
    })
  )

  it.effect("DISK19: an outcome that only a seed gives is repeated by that seed", () =>
    Effect.gen(function* () {
      // Three files: the first and the last are kept, and the one between is not.
      const sweep = (options?: SimFileSystem.SweepOptions) =>
        SimFileSystem.crashEverywhere(
          () => Effect.forEach(["/1", "/2", "/3"], (path) => write(path)),
          look,
          ({ recovered }) =>
            "/1" in recovered && !("/2" in recovered) && "/3" in recovered
              ? Effect.fail("a gap")
              : Effect.void,
          { seedsPerPoint: 50, ...options }
        )
      const first = yield* found(sweep())
      assert.isNumber(first.crash.outcome)
      assert.strictEqual((yield* found(sweep(optionsIn(first.message)))).message, first.message)
    })
  )

  it.effect("DISK19: the message names the operation, what was lost, and why that is wrong", () =>
    Effect.gen(function* () {
      const failure = yield* found(sweepOfPublish({ syncsFile: false, syncsDirectory: true }))
      assert.deepStrictEqual(failure.message.split("\n"), [
        "check failed after a crash after operation 4, rename /data/config.tmp -> /data/config",
        "  /data/config: 0 of 1500 bytes",
        "  Error: the file is torn",
        'replay with crashEverywhere(program, recover, check, { only: { after: 4, outcome: "names" } })'
      ])
    })
  )

  it.effect(
    "DISK25: recovery that does not survive a crash of its own is found, and repeated",
    () =>
      Effect.gen(function* () {
        // Durable at its end; but the mark of the job goes before its work is there.
        const work = Effect.flatMap(FileSystem.FileSystem, (fs) =>
          fs
            .remove("/todo")
            .pipe(Effect.andThen(sync(fs, "/")), Effect.andThen(writeDurably(fs, "/done", "work")))
        )
        const recover = (finish: typeof work) =>
          Effect.gen(function* () {
            const fs = yield* FileSystem.FileSystem
            if (yield* fs.exists("/todo")) yield* finish
            return yield* fs.readFileString("/done")
          })
        const careful = Effect.flatMap(FileSystem.FileSystem, (fs) =>
          Effect.andThen(writeDurably(fs, "/done", "work"), fs.remove("/todo"))
        )
        const sweep = (finish: typeof work, options?: SimFileSystem.SweepOptions) =>
          SimFileSystem.crashEverywhere(
            () => Effect.void,
            recover(finish),
            ({ recovered }) => (recovered === "work" ? Effect.void : Effect.fail("no work")),
            {
              setup: Effect.flatMap(FileSystem.FileSystem, (fs) =>
                Effect.orDie(fs.writeFileString("/todo", ""))
              ),
              ...options
            }
          )
        yield* sweep(work)
        const first = yield* found(sweep(work, { recoveryCrashes: 50 }))
        assert.isDefined(first.crash.again)
        assert.include(first.message, `and one of its recovery after ${first.crash.again.after}`)
        assert.strictEqual(
          (yield* found(sweep(work, optionsIn(first.message)))).message,
          first.message
        )
        const swept = yield* sweep(careful, { recoveryCrashes: 50 })
        assert.deepStrictEqual(swept, { operations: 0, points: 1, survivors: 51 })
      })
  )

  it.effect("DISK20: finalizers of the program that was cut run to their end, without a disk", () =>
    Effect.gen(function* () {
      let ended = 0
      const { points } = yield* SimFileSystem.crashEverywhere(
        () =>
          Effect.ensuring(
            Effect.andThen(write("/a"), write("/b")),
            Effect.ensuring(
              Effect.ignore(write("/end")),
              Effect.sync(() => ended++)
            )
          ),
        look,
        ({ after, recovered }) =>
          Effect.sync(() => assert.isTrue(after > 6 || !("/end" in recovered)))
      )
      // And once more, when the operations were counted.
      assert.strictEqual(ended, points + 1)
    })
  )

  it.effect("DISK20: a finalizer that never ends is left behind after the grace", () =>
    Effect.gen(function* () {
      const sweep = SimFileSystem.crashEverywhere(
        () => Effect.onInterrupt(Effect.andThen(write("/a"), write("/b")), () => Effect.never),
        Effect.void,
        () => Effect.void,
        { grace: "5 seconds" }
      )
      const { exit, virtualTime } = yield* Simulation.run(sweep, { seed: 1 })
      assert.deepStrictEqual(exit, Exit.succeed({ operations: 6, points: 7, survivors: 49 }))
      // Only the crash after the end finds nothing to interrupt.
      assert.strictEqual(Duration.toMillis(virtualTime), 6 * 5_000)
    })
  )

  it.effect("DISK20: an interrupted sweep interrupts the program that runs, and awaits it", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const sweep = SimFileSystem.crashEverywhere(
        () =>
          Effect.ensuring(
            Effect.never,
            Effect.sync(() => log.push("end"))
          ),
        Effect.void,
        () => Effect.void
      )
      const fiber = yield* Effect.forkChild(sweep, { startImmediately: true })
      yield* Effect.yieldNow
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(log, ["end"])
    })
  )

  it.effect("DISK21: a program that fails without a crash fails the sweep with its own error", () =>
    Effect.gen(function* () {
      const sweep = SimFileSystem.crashEverywhere(
        () => Effect.fail("mine" as const),
        Effect.void,
        () => Effect.die("never comes here")
      )
      assert.strictEqual(yield* Effect.flip(sweep), "mine")
    })
  )

  it.effect("DISK21: defects of recovery and of the check are found as failures are", () =>
    Effect.gen(function* () {
      const program = () => write("/a")
      const one = SimFileSystem.crashEverywhere(program, Effect.die("no"), () => Effect.void)
      assert.strictEqual((yield* found(one)).failed, "recover")
      const other = SimFileSystem.crashEverywhere(program, look, () => Effect.die("no"))
      assert.strictEqual((yield* found(other)).failed, "check")
    })
  )

  it.effect("DISK22: options of a sweep out of range are a defect", () =>
    Effect.gen(function* () {
      for (const options of [{ pointsMax: 1 }, { seedsPerPoint: -1 }, { recoveryCrashes: 0.5 }]) {
        const sweep = SimFileSystem.crashEverywhere(
          () => Effect.void,
          look,
          () => look,
          options
        )
        const defect = yield* Effect.flip(Effect.sandbox(sweep))
        assert.match(String(defect), new RegExp(`${Object.keys(options)[0]} is .*: give a whole`))
      }
    })
  )

  it.effect(
    "DISK22: of many operations at most `pointsMax` crashes are tried, the ends among them",
    () =>
      Effect.gen(function* () {
        const points = new Set<number>()
        const swept = yield* SimFileSystem.crashEverywhere(
          () => Effect.forEach(Array.from({ length: 30 }), () => write("/a")),
          Effect.void,
          ({ after }) => Effect.sync(() => points.add(after)),
          { pointsMax: 10, seedsPerPoint: 0 }
        )
        assert.deepStrictEqual([swept.operations, swept.points], [90, 10])
        assert.deepStrictEqual([...points], [0, 10, 20, 30, 40, 50, 60, 70, 80, 90])
      })
  )

  it.effect("DISK23: in a simulation the same seed finds the same crash of many fibers", () =>
    Effect.gen(function* () {
      // Each fiber replaces the file, and the temporary file is the same one for all of them.
      const program = (acknowledge: SimFileSystem.Acknowledge<number>) =>
        Effect.forEach([1, 2], () => publish(careful, 1)(acknowledge), { concurrency: 2 })
      const sweep = SimFileSystem.crashEverywhere(program, readConfig, checkPublished, { setup })
      const run = (seed: number) =>
        Effect.map(Simulation.run(Effect.result(sweep), { seed }), ({ exit, traceHash }) => ({
          exit: String(Exit.isSuccess(exit) ? exit.value : exit.cause),
          traceHash
        }))
      const seeds = [1, 2, 3, 4, 5]
      const first = yield* Effect.forEach(seeds, run)
      assert.deepStrictEqual(yield* Effect.forEach(seeds, run), first)
      assert.isAbove(new Set(first.map(({ traceHash }) => traceHash)).size, 3)
    })
  )
})

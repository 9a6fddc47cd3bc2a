import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit } from "effect"
import { SimFileSystem, Simulation } from "@fibra/testing"
import { append, bytes, codeOf, contents, sync, withFile, writeDurably } from "./support/disks.ts"

const isWrite = ({ kind }: SimFileSystem.Operation) => kind === "write"

describe("SimFileSystem faults", () => {
  it.effect.each(["ENOSPC", "EIO", "EACCES", "EDQUOT", "EROFS", "EMFILE"] as const)(
    "DISK8: the n-th operation that a fault is about fails, and does nothing: %s",
    (error) =>
      Effect.gen(function* () {
        const faults = [{ on: isWrite, nth: 2, error }]
        const { fileSystem: fs, operations } = yield* SimFileSystem.make({ faults })
        yield* append(fs, "/file", "one")
        const failure = yield* Effect.flip(append(fs, "/file", "two"))
        assert.strictEqual(codeOf(failure), error)
        assert.strictEqual(failure.reason._tag, error === "EACCES" ? "PermissionDenied" : "Unknown")
        yield* append(fs, "/file", "three")
        assert.strictEqual(yield* fs.readFileString("/file"), "onethree")
        const failed = (yield* operations).filter((operation) => operation.error !== undefined)
        assert.deepStrictEqual(
          failed.map(({ kind, error }) => [kind, error]),
          [["write", error]]
        )
      })
  )

  it.effect("DISK8: a fault is about all operations, those of a kind, or those of a path", () =>
    Effect.gen(function* () {
      const faults: ReadonlyArray<SimFileSystem.Fault> = [
        { nth: 4, error: "EIO" },
        { on: ({ path }) => path === "/bad", count: Infinity, error: "EACCES" },
        { on: ({ kind, to }) => kind === "rename" && to === "/full", error: "ENOSPC" }
      ]
      const { fileSystem: fs } = yield* SimFileSystem.make({ faults })
      const codes = [
        fs.exists("/a"),
        fs.makeDirectory("/a"),
        fs.makeDirectory("/bad"),
        fs.exists("/"),
        fs.stat("/bad"),
        fs.rename("/a", "/full"),
        fs.rename("/a", "/full")
      ].map((effect) => Effect.match(effect, { onFailure: codeOf, onSuccess: () => "done" }))
      assert.deepStrictEqual(yield* Effect.all(codes), [
        "done",
        "done",
        "EACCES",
        "EIO",
        "EACCES",
        "ENOSPC",
        "done"
      ])
    })
  )

  it.effect("DISK8: a fault with a probability hits by the seed of the disk", () =>
    Effect.gen(function* () {
      const hits = Effect.fnUntraced(function* (seed: number) {
        const faults = [{ count: Infinity, probability: 0.3, error: "EIO" }] as const
        const { fileSystem: fs } = yield* SimFileSystem.make({ seed, faults })
        const exits = yield* Effect.forEach(Array.from({ length: 200 }), () =>
          Effect.exit(fs.stat("/"))
        )
        return exits.map((exit) => (Exit.isFailure(exit) ? "x" : ".")).join("")
      })
      const first = yield* hits(1)
      assert.strictEqual(yield* hits(1), first)
      assert.notStrictEqual(yield* hits(2), first)
      const count = first.replaceAll(".", "").length
      assert.isTrue(count > 30 && count < 90, first)
    })
  )

  it.effect("DISK8: a close that fails is a defect, and the file is closed", () =>
    Effect.gen(function* () {
      const faults = [
        { on: ({ kind }: SimFileSystem.Operation) => kind === "close", error: "EIO" }
      ] as const
      const disk = yield* SimFileSystem.make({ faults, capacityBytes: 4 })
      const exit = yield* Effect.exit(append(disk.fileSystem, "/file", "text"))
      assert.isTrue(Exit.hasDies(exit))
      // A file without a name takes room until it is closed.
      yield* disk.fileSystem.remove("/file")
      yield* append(disk.fileSystem, "/file", "more")
    })
  )

  it.effect(
    "DISK9: what a failed sync should have written stays visible, and is lost at a crash",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make()
        const fs = disk.fileSystem
        yield* writeDurably(fs, "/file", "old")
        yield* disk.configure({ faults: [{ on: ({ kind }) => kind === "sync", error: "EIO" }] })
        yield* fs.writeFileString("/file", "new", { flag: "r+" })
        assert.strictEqual(codeOf(yield* Effect.flip(sync(fs, "/file"))), "EIO")
        assert.strictEqual(yield* fs.readFileString("/file"), "new")
        yield* sync(fs, "/file")
        const left = yield* disk.crash("kept")
        assert.strictEqual(yield* left.fileSystem.readFileString("/file"), "old")
      })
  )

  it.effect("DISK9: what is written again after a failed sync is kept by the next one", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({
        faults: [{ on: ({ kind }) => kind === "sync", error: "EIO" }]
      })
      const fs = disk.fileSystem
      yield* fs.writeFileString("/file", "text")
      yield* Effect.flip(sync(fs, "/file"))
      yield* fs.writeFileString("/file", "text")
      yield* sync(fs, "/file")
      yield* sync(fs, "/")
      const left = yield* disk.crash("lost")
      assert.strictEqual(yield* left.fileSystem.readFileString("/file"), "text")
    })
  )

  it.effect("DISK9: the names of a directory whose sync failed are kept by the next one", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({
        faults: [{ on: ({ kind }) => kind === "sync", error: "EIO" }]
      })
      yield* disk.fileSystem.makeDirectory("/made")
      yield* Effect.flip(sync(disk.fileSystem, "/"))
      yield* sync(disk.fileSystem, "/")
      const left = yield* disk.crash("lost")
      assert.isTrue(yield* left.fileSystem.exists("/made"))
    })
  )

  it.effect("DISK10: a write can be short, and writeAll and writeFile go on after it", () =>
    Effect.gen(function* () {
      const faults = [{ on: isWrite, count: Infinity, bytesMax: 3 }]
      const { fileSystem: fs } = yield* SimFileSystem.make({ faults })
      const written = yield* withFile(fs, "/file", "w", (file) => file.write(bytes("0123456789")))
      assert.strictEqual(written, 3)
      yield* withFile(fs, "/file", "a", (file) => file.writeAll(bytes("3456789")))
      assert.strictEqual(yield* fs.readFileString("/file"), "0123456789")
      yield* fs.writeFileString("/file", "abcdefghij")
      assert.strictEqual(yield* fs.readFileString("/file"), "abcdefghij")
    })
  )

  it.effect("DISK10: a write of nothing ends writeAll with an error, and not in a loop", () =>
    Effect.gen(function* () {
      const { fileSystem: fs } = yield* SimFileSystem.make({
        faults: [{ on: isWrite, bytesMax: 0 }]
      })
      const failure = yield* Effect.flip(append(fs, "/file", "text"))
      assert.strictEqual(failure.reason._tag, "WriteZero")
    })
  )

  it.effect("DISK10: a read can be short", () =>
    Effect.gen(function* () {
      const faults = [{ on: ({ kind }: SimFileSystem.Operation) => kind === "read", bytesMax: 4 }]
      const { fileSystem: fs } = yield* SimFileSystem.make({ faults })
      yield* fs.writeFileString("/file", "0123456789")
      const buffer = new Uint8Array(10)
      const counts = yield* withFile(fs, "/file", "r", (file) =>
        Effect.all([file.read(buffer), file.read(buffer.subarray(4))])
      )
      assert.deepStrictEqual(counts, [4, 6])
      assert.strictEqual(new TextDecoder().decode(buffer), "0123456789")
    })
  )

  it.effect("DISK11: above its capacity a disk takes what fits, then nothing", () =>
    Effect.gen(function* () {
      const { fileSystem: fs } = yield* SimFileSystem.make({ capacityBytes: 6 })
      yield* append(fs, "/one", "1234")
      assert.strictEqual(codeOf(yield* Effect.flip(append(fs, "/two", "1234"))), "ENOSPC")
      assert.strictEqual(yield* fs.readFileString("/two"), "12")
      assert.strictEqual(codeOf(yield* Effect.flip(fs.truncate("/one", 5))), "ENOSPC")
      yield* fs.writeFileString("/one", "4321", { flag: "r+" })
    })
  )

  it.effect("DISK11: room comes back when files shrink or go, or the capacity grows", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ capacityBytes: 6 })
      const fs = disk.fileSystem
      yield* append(fs, "/one", "123456")
      yield* fs.truncate("/one", 2)
      yield* append(fs, "/two", "1234")
      yield* fs.rename("/two", "/one")
      yield* append(fs, "/one", "56")
      yield* fs.remove("/one")
      yield* append(fs, "/one", "123456")
      yield* disk.configure({ capacityBytes: 8 })
      yield* append(fs, "/one", "78")
      const left = yield* disk.crash("kept")
      assert.strictEqual(codeOf(yield* Effect.flip(append(left.fileSystem, "/two", "9"))), "ENOSPC")
      yield* left.fileSystem.truncate("/one", 7)
      yield* append(left.fileSystem, "/two", "9")
    })
  )

  it.effect("DISK11: a removed file takes room until its last handle is closed", () =>
    Effect.gen(function* () {
      const { fileSystem: fs } = yield* SimFileSystem.make({ capacityBytes: 6 })
      yield* withFile(fs, "/one", "w", (file) =>
        Effect.gen(function* () {
          yield* file.writeAll(bytes("123456"))
          yield* fs.remove("/one")
          assert.strictEqual(codeOf(yield* Effect.flip(append(fs, "/two", "1"))), "ENOSPC")
        })
      )
      yield* append(fs, "/two", "123456")
    })
  )

  it.effect("DISK11: a read-only disk refuses every change, and shows what it has", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* fs.makeDirectory("/folder")
      yield* writeDurably(fs, "/file", "text")
      const before = yield* contents(fs)
      yield* disk.configure({ readOnly: true })
      const changes = [
        fs.writeFileString("/file", "x"),
        fs.writeFileString("/new", "x"),
        append(fs, "/file", "x"),
        fs.makeDirectory("/new"),
        fs.remove("/file"),
        fs.remove("/folder", { recursive: true }),
        fs.rename("/file", "/new"),
        fs.link("/file", "/new"),
        fs.symlink("/file", "/new"),
        fs.truncate("/file"),
        fs.chmod("/file", 0o600),
        fs.chown("/file", 1, 1),
        fs.utimes("/file", 0, 0),
        fs.copyFile("/file", "/new"),
        fs.access("/file", { writable: true }),
        fs.makeTempDirectory()
      ]
      for (const change of changes) assert.strictEqual(codeOf(yield* Effect.flip(change)), "EROFS")
      assert.deepStrictEqual(yield* contents(fs), before)
      yield* sync(fs, "/file")
      yield* disk.configure({ readOnly: false })
      yield* fs.remove("/file")
    })
  )

  it.effect("DISK12: a fault can make an operation slow, on the clock of the program", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const faults = [{ on: isWrite, delay: "1 minute" }] as const
        const { fileSystem: fs } = yield* SimFileSystem.make({ faults, latency: "1 second" })
        yield* append(fs, "/file", "text")
      })
      const { virtualTime } = yield* Simulation.run(program, { seed: 1 })
      assert.strictEqual(Duration.toSeconds(virtualTime), 63)
    })
  )
})

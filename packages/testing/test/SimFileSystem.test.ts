import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, FileSystem, Stream } from "effect"
import { TestClock } from "effect/testing"
import { SimFileSystem, Simulation } from "@fibra/testing"
import { append, bytes, codeOf, contents, sync, withFile, writeDurably } from "./support/disks.ts"

const seeds = Array.from({ length: 200 }, (_, index) => index + 1)

/** What each of many crashes leaves, once each. */
const outcomesOf = Effect.fnUntraced(function* <A, E>(
  disk: SimFileSystem.SimFileSystem,
  look: (fs: FileSystem.FileSystem) => Effect.Effect<A, E>
) {
  const found = new Set<string>()
  for (const outcome of ["lost", "kept", "names", "zeros", ...seeds] as const) {
    const { fileSystem } = yield* disk.crash(outcome)
    found.add(JSON.stringify(yield* look(fileSystem)))
  }
  return [...found].map((text) => JSON.parse(text) as A)
})

describe("SimFileSystem", () => {
  it.effect("DISK1: a program sees what it wrote, synced or not", () =>
    Effect.gen(function* () {
      const { fileSystem: fs } = yield* SimFileSystem.make()
      yield* fs.makeDirectory("/a")
      yield* append(fs, "/a/b", "one")
      yield* append(fs, "/a/b", "two")
      yield* fs.rename("/a/b", "/a/c")
      assert.deepStrictEqual(yield* contents(fs), {
        "/a": null,
        "/a/c": "onetwo",
        "/tmp": null
      })
    })
  )

  it.effect("DISK1: a handle is of no use after its scope", () =>
    Effect.gen(function* () {
      const { fileSystem: fs } = yield* SimFileSystem.make()
      const file = yield* Effect.scoped(fs.open("/file", { flag: "w+" }))
      const uses = [
        file.write(bytes("x")),
        file.readAlloc(1),
        file.truncate(),
        file.sync,
        file.stat
      ]
      for (const use of uses) {
        const code = yield* Effect.match(use, { onFailure: codeOf, onSuccess: () => "done" })
        assert.strictEqual(code, "EBADF")
      }
    })
  )

  it.effect(
    "DISK3: a sync of a file keeps its bytes, its size and its mode through any crash",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make()
        const fs = disk.fileSystem
        yield* writeDurably(fs, "/file", "x".repeat(2_000))
        yield* withFile(fs, "/file", "r+", (file) =>
          Effect.andThen(file.truncate(1_000), file.sync)
        )
        yield* fs.chmod("/file", 0o600)
        yield* sync(fs, "/file")
        const look = (fs: FileSystem.FileSystem) =>
          Effect.all([fs.readFileString("/file"), Effect.map(fs.stat("/file"), ({ mode }) => mode)])
        assert.deepStrictEqual(yield* outcomesOf(disk, look), [["x".repeat(1_000), 0o100600]])
      })
  )

  it.effect("DISK3: a sync of a file does not keep its name, one of its directory does", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* fs.writeFileString("/file", "text")
      yield* sync(fs, "/file")
      const isThere = (fs: FileSystem.FileSystem) => fs.exists("/file")
      assert.deepStrictEqual((yield* outcomesOf(disk, isThere)).toSorted(), [false, true])
      const next = yield* disk.crash("kept")
      yield* next.fileSystem.rename("/file", "/name")
      yield* sync(next.fileSystem, "/")
      const names = (fs: FileSystem.FileSystem) => fs.readDirectory("/")
      assert.deepStrictEqual(yield* outcomesOf(next, names), [["tmp", "name"]])
    })
  )

  it.effect("DISK3: a new directory is kept by a sync of the one above, not by one of itself", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* fs.makeDirectory("/new")
      yield* fs.writeFileString("/new/file", "")
      yield* sync(fs, "/new")
      const lost = yield* disk.crash("lost")
      assert.isFalse(yield* lost.fileSystem.exists("/new"))
    })
  )

  it.effect(
    "DISK4: each sector of unsynced data is kept or lost by itself, and nothing else is",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make({ sectorBytes: 4 })
        const fs = disk.fileSystem
        yield* writeDurably(fs, "/file", "aaaaaaaaaa")
        yield* withFile(fs, "/file", "r+", (file) => file.writeAll(bytes("bbbbbbbbbbbbbb")))
        const found = yield* outcomesOf(disk, (fs) => fs.readFileString("/file"))
        // Three sectors were there, the third in part; the fourth is new, and so may be the size.
        for (const text of found) {
          assert.match(text, /^(aaaa|bbbb)(aaaa|bbbb)(aa|bb|(aa\0\0|bbbb)(\0\0|bb)?)$/)
        }
        const kinds = [/^a+$/, /^b+$/, /^a+\0+$/, /^b+\0+$/, /^b{12}$/, /^bbbbaaaab/, /^aaaabbbba/]
        kinds.push(/^bbbbaaaa.{4}$/s, /^aaaabbbb.{4}$/s)
        for (const kind of kinds)
          assert.isTrue(
            found.some((text) => kind.test(text)),
            String(kind)
          )
      })
  )

  it.effect("DISK4: an unsynced truncation is kept or lost, and with it what came after", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ sectorBytes: 4 })
      const fs = disk.fileSystem
      yield* writeDurably(fs, "/file", "aaaaaaaa")
      yield* fs.writeFileString("/file", "bbbbbbbb")
      const found = yield* outcomesOf(disk, (fs) => fs.readFileString("/file"))
      for (const text of found) assert.match(text, /^(a{8}|(bbbb|\0{4})?(bbbb|\0{4})?)$/)
      assert.includeMembers(found, [
        "aaaaaaaa",
        "",
        "bbbbbbbb",
        "bbbb",
        "\0\0\0\0\0\0\0\0",
        "\0\0\0\0bbbb"
      ])
    })
  )

  it.effect("DISK4: an overwrite can be kept where the truncation after it is lost", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ sectorBytes: 4 })
      yield* writeDurably(disk.fileSystem, "/file", "aaaaaaaa")
      yield* withFile(disk.fileSystem, "/file", "r+", (file) =>
        Effect.andThen(file.writeAll(bytes("bb")), file.truncate(4))
      )
      const found = yield* outcomesOf(disk, (fs) => fs.readFileString("/file"))
      assert.sameMembers(found, ["aaaaaaaa", "bbaaaaaa", "aaaa", "bbaa"])
    })
  )

  it.effect("DISK4: of a long write, the first part may be all that is kept", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ sectorBytes: 1 })
      yield* disk.fileSystem.writeFileString("/file", "b".repeat(64))
      yield* sync(disk.fileSystem, "/")
      const found = yield* outcomesOf(disk, (fs) => fs.readFileString("/file"))
      const parts = found.filter((text) => /^b{2,62}$/.test(text))
      assert.isAbove(parts.length, 10)
    })
  )

  it.effect("DISK4: after random writes and truncations each byte found had been there", () =>
    Effect.gen(function* () {
      for (const seed of seeds.slice(0, 60)) {
        const dice = seededBelow(seed)
        const disk = yield* SimFileSystem.make({ sectorBytes: 1 + dice(5) })
        const file = yield* disk.fileSystem.open("/file", { flag: "w+" })
        yield* sync(disk.fileSystem, "/")
        let history = [""]
        for (let step = 0; step < 12; step++) {
          const kind = dice(5)
          const at = dice(20)
          if (kind === 0) yield* file.sync
          else if (kind === 1) yield* file.truncate(at)
          else {
            yield* file.seek(BigInt(at), "start")
            yield* file.writeAll(bytes(String.fromCharCode(97 + step).repeat(1 + dice(8))))
          }
          const now = yield* disk.fileSystem.readFileString("/file")
          history = kind === 0 ? [now] : [...history, now]
        }
        for (const outcome of ["lost", "names", "zeros", ...seeds.slice(0, 20)] as const) {
          const left = yield* disk.crash(outcome)
          const text = yield* left.fileSystem.readFileString("/file")
          const sizes = history.map(({ length }) => length)
          assert.isAtLeast(text.length, Math.min(...sizes))
          assert.isAtMost(text.length, Math.max(...sizes))
          const isKnown = (byte: string, index: number) =>
            history.some((then) => (then[index] ?? "\0") === byte)
          assert.isTrue([...text].every(isKnown), `program ${seed}, outcome ${outcome}`)
        }
        const kept = yield* disk.crash("kept")
        assert.strictEqual(yield* kept.fileSystem.readFileString("/file"), history.at(-1))
      }
    })
  )

  it.effect("DISK5: a rename over a file leaves the old one or the new one", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* writeDurably(fs, "/file", "old")
      yield* writeDurably(fs, "/temp", "new")
      yield* fs.rename("/temp", "/file")
      const found = yield* outcomesOf(disk, contents)
      assert.sameDeepMembers(found, [
        { "/file": "old", "/temp": "new", "/tmp": null },
        { "/file": "new", "/tmp": null }
      ])
    })
  )

  it.effect(
    "DISK5: a rename between directories is kept by a sync of either, or lost in both",
    () =>
      Effect.gen(function* () {
        for (const synced of ["/a", "/b", undefined]) {
          const disk = yield* SimFileSystem.make()
          const fs = disk.fileSystem
          for (const path of ["/a", "/b"]) yield* fs.makeDirectory(path)
          yield* sync(fs, "/")
          yield* writeDurably(fs, "/a/file", "text")
          yield* fs.rename("/a/file", "/b/file")
          if (synced !== undefined) yield* sync(fs, synced)
          const found = yield* outcomesOf(disk, (fs) =>
            Effect.all([fs.exists("/a/file"), fs.exists("/b/file")])
          )
          const expected =
            synced === undefined
              ? [
                  [true, false],
                  [false, true]
                ]
              : [[false, true]]
          assert.sameDeepMembers(found, expected)
        }
      })
  )

  it.effect("DISK6: unsynced names are kept or lost each by itself, each name in order", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      for (const name of ["/1", "/2", "/3"]) yield* fs.writeFileString(name, "")
      yield* fs.rename("/3", "/4")
      const found = yield* outcomesOf(disk, (fs) =>
        Effect.map(fs.readDirectory("/"), (names) =>
          names.filter((name) => name !== "tmp").join("")
        )
      )
      const all = ["", "1", "2", "12"].flatMap((names) => [names, `${names}3`, `${names}4`])
      assert.sameMembers(found, all)
    })
  )

  it.effect("DISK6: a directory goes only with all that was removed from it", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* fs.makeDirectory("/a")
      yield* writeDurably(fs, "/a/file", "text")
      yield* sync(fs, "/")
      yield* fs.rename("/a/file", "/file")
      yield* fs.remove("/a", { recursive: true })
      const found = yield* outcomesOf(disk, contents)
      assert.sameDeepMembers(found, [
        { "/a": null, "/a/file": "text", "/tmp": null },
        { "/a": null, "/file": "text", "/tmp": null },
        { "/file": "text", "/tmp": null }
      ])
    })
  )

  it.effect("DISK6: a directory is replaced only with all that was moved out of it", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      for (const path of ["/a", "/b"]) yield* fs.makeDirectory(path)
      yield* sync(fs, "/")
      yield* writeDurably(fs, "/a/file", "text")
      yield* fs.rename("/a/file", "/file")
      yield* fs.rename("/b", "/a")
      const found = yield* outcomesOf(disk, contents)
      assert.sameDeepMembers(found, [
        { "/a": null, "/a/file": "text", "/b": null, "/tmp": null },
        { "/a": null, "/b": null, "/file": "text", "/tmp": null },
        { "/a": null, "/file": "text", "/tmp": null }
      ])
    })
  )

  it.effect("DISK6: directories that moved into each other in turn are never a circle", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      for (const name of ["/a", "/b"]) yield* fs.makeDirectory(name)
      yield* sync(fs, "/")
      for (const name of ["/a/one", "/b/two"]) yield* writeDurably(fs, name, "")
      yield* fs.rename("/a", "/b/a")
      yield* fs.rename("/b/a", "/c")
      // Without the step before, this would be a directory within one that is within it.
      yield* fs.rename("/b", "/c/b")
      const found = yield* outcomesOf(disk, (fs) =>
        Effect.map(fs.readDirectory("/", { recursive: true }), (paths) =>
          paths.filter((path) => /one|two/.test(path)).toSorted()
        )
      )
      assert.sameDeepMembers(found, [
        ["a/one", "b/two"],
        ["b/a/one", "b/two"],
        ["b/two", "c/one"],
        ["c/b/two", "c/one"]
      ])
    })
  )

  it.effect("DISK6: of many names, none is kept when all are lost, and all when none is", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      for (let index = 0; index < 20; index++) yield* disk.fileSystem.makeDirectory(`/${index}`)
      const count = (outcome: SimFileSystem.Outcome) =>
        Effect.flatMap(disk.crash(outcome), ({ fileSystem }) =>
          Effect.map(fileSystem.readDirectory("/"), ({ length }) => length - 1)
        )
      const counts = yield* Effect.forEach(["lost", "kept", "names", "zeros"] as const, count)
      assert.deepStrictEqual(counts, [0, 20, 20, 20])
    })
  )

  it.effect("DISK6: random moves of files and directories lose no durable file", () =>
    Effect.gen(function* () {
      for (const seed of seeds.slice(0, 60)) {
        const dice = seededBelow(seed)
        const disk = yield* SimFileSystem.make()
        const fs = disk.fileSystem
        for (const name of ["f1", "f2", "f3"]) yield* writeDurably(fs, `/${name}`, name)
        for (const name of ["d1", "d2"]) yield* fs.makeDirectory(`/${name}`)
        yield* sync(fs, "/")
        for (let step = 0; step < 15; step++) {
          const all = yield* fs.readDirectory("/", { recursive: true })
          const paths = all.filter((path) => path !== "tmp")
          const folders = ["/", ...paths.filter((path) => /d[^/]*$/.test(path))]
          const path = paths[dice(paths.length)]!
          const folder = folders[dice(folders.length)]!
          const letter = path.split("/").at(-1)![0]!
          const kind = dice(8)
          if (kind === 0) yield* fs.makeDirectory(`${folder}/dNew${step}`)
          else if (kind === 1) yield* sync(fs, folder)
          // A move into itself is refused.
          else yield* Effect.ignore(fs.rename(path, `${folder}/${letter}New${step}`))
        }
        for (const outcome of ["lost", ...seeds.slice(0, 20)] as const) {
          const { fileSystem } = yield* disk.crash(outcome)
          const paths = yield* fileSystem.readDirectory("/", { recursive: true })
          const files = paths.filter((path) => /f[^/]*$/.test(path))
          const texts = yield* Effect.forEach(files, (path) => fileSystem.readFileString(path))
          const message = `program ${seed}, outcome ${outcome}`
          assert.deepStrictEqual(texts.toSorted(), ["f1", "f2", "f3"], message)
        }
      }
    })
  )

  it.effect("DISK7: the same outcome of a crash is the same disk; disks are independent", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ sectorBytes: 1 })
      yield* writeDurably(disk.fileSystem, "/file", "-".repeat(64))
      yield* disk.fileSystem.writeFileString("/file", "+".repeat(64), { flag: "r+" })
      const look = Effect.fnUntraced(function* (outcome: SimFileSystem.Outcome) {
        const { fileSystem } = yield* disk.crash(outcome)
        const text = yield* fileSystem.readFileString("/file")
        yield* writeDurably(fileSystem, "/file", "something else")
        return text
      })
      const once = yield* Effect.forEach(seeds, look)
      assert.deepStrictEqual(yield* Effect.forEach(seeds, look), once)
      assert.isAbove(new Set(once).size, 20)
    })
  )

  it.effect("DISK7: a file of two names is one file after the crash, with the rights it had", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* writeDurably(fs, "/one", "text")
      yield* fs.link("/one", "/two")
      yield* sync(fs, "/")
      yield* fs.chmod("/one", 0o600)
      for (const [outcome, mode] of [
        ["lost", 0o644],
        ["kept", 0o600]
      ] as const) {
        const left = (yield* disk.crash(outcome)).fileSystem
        yield* append(left, "/one", "more")
        assert.strictEqual(yield* left.readFileString("/two"), "textmore")
        assert.strictEqual((yield* left.stat("/two")).mode & 0o777, mode)
      }
    })
  )

  it.effect("DISK7: what a crash took away is said in words", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* writeDurably(fs, "/file", "x".repeat(600))
      yield* fs.rename("/file", "/name")
      yield* append(fs, "/name", "y".repeat(600))
      yield* writeDurably(fs, "/tmp/other", "")
      yield* fs.chmod("/tmp/other", 0o600)
      assert.deepStrictEqual((yield* disk.crash("kept")).losses, [])
      assert.deepStrictEqual((yield* disk.crash("lost")).losses, [
        "undone: rename /file -> /name",
        "/file: 600 of 1200 bytes",
        "/tmp/other: its metadata"
      ])
      assert.deepStrictEqual((yield* disk.crash("zeros")).losses, [
        "/name: 2 of 3 sectors not as written"
      ])
    })
  )

  it.effect("DISK12: each operation takes the latency, on the clock of the program", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ latency: "1 second" })
      const fs = disk.fileSystem
      const fiber = yield* Effect.forkChild(
        Effect.andThen(fs.writeFileString("/file", "text"), Clock.currentTimeMillis)
      )
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(
        (yield* disk.operations).map(({ kind }) => kind),
        ["open", "write"]
      )
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), 3_000)
    })
  )

  it.effect(
    "DISK12: an interrupt ends the waiting for an operation, and the operation is done",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make({ latency: "1 second" })
        const fs = disk.fileSystem
        const fiber = yield* Effect.forkChild(fs.makeDirectory("/made"), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        assert.deepStrictEqual(
          (yield* disk.operations).map(({ kind }) => kind),
          ["makeDirectory"]
        )
        const left = yield* disk.crash("kept", { latency: 0 })
        assert.isTrue(yield* left.fileSystem.exists("/made"))
      })
  )

  it.effect("DISK13: operations are written down in the order in which they were done", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const fs = disk.fileSystem
      yield* fs.writeFileString("/a", "text")
      yield* fs.rename("/a", "/b")
      yield* Effect.ignore(fs.readFile("/a"))
      const none = { to: undefined, bytes: undefined, error: undefined }
      assert.deepStrictEqual(yield* disk.operations, [
        { ...none, number: 1, kind: "open", path: "/a" },
        { ...none, number: 2, kind: "write", path: "/a", bytes: 4 },
        { ...none, number: 3, kind: "close", path: "/a" },
        { ...none, number: 4, kind: "rename", path: "/a", to: "/b" },
        { ...none, number: 5, kind: "read", path: "/a", error: "ENOENT" }
      ])
    })
  )

  it.effect("DISK13: of many operations the last are remembered, with their numbers", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ operationsMax: 10 })
      for (let count = 0; count < 1_000; count++) yield* disk.fileSystem.exists("/")
      const numbers = (yield* disk.operations).map(({ number }) => number)
      assert.isAtLeast(numbers.length, 10)
      assert.isAtMost(numbers.length, 20)
      assert.strictEqual(numbers.at(-1), 1_000)
    })
  )

  it.effect(
    "DISK14: without power nothing is done, nothing returns, and finalizers do not hang",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make()
        const fs = disk.fileSystem
        const log: Array<string> = []
        const fiber = yield* Effect.gen(function* () {
          const file = yield* fs.open("/file", { flag: "w" })
          yield* Effect.addFinalizer(() =>
            Effect.ensuring(
              Effect.orDie(fs.writeFileString("/late", "")),
              Effect.sync(() => log.push("end"))
            )
          )
          yield* Effect.addFinalizer(() => Effect.orDie(file.writeAll(bytes("late"))))
          yield* disk.powerOff
          yield* Effect.exit(file.writeAll(bytes("after")))
          yield* Effect.uninterruptible(fs.remove("/file"))
          log.push("went on")
        }).pipe(Effect.scoped, Effect.forkChild)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        assert.deepStrictEqual(log, ["end"])
        assert.deepStrictEqual(yield* contents((yield* disk.crash("kept")).fileSystem), {
          "/file": "",
          "/tmp": null
        })
      })
  )

  it.effect("DISK14: a crash cuts the power of the machine that crashed, and of no other", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make()
      const left = yield* disk.crash("kept")
      assert.deepStrictEqual([yield* disk.isOff, yield* left.isOff], [true, false])
      assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(disk.fileSystem.makeDirectory("/late"))))
      yield* left.fileSystem.makeDirectory("/made")
    })
  )

  it.effect(
    "DISK7: the new machine has the latency of the old one, unless it is given another",
    () =>
      Effect.gen(function* () {
        const program = Effect.gen(function* () {
          const disk = yield* SimFileSystem.make({
            latency: "1 second",
            faults: [{ error: "EIO" }]
          })
          const same = yield* disk.crash("kept")
          yield* same.fileSystem.exists("/")
          const other = yield* disk.crash("kept", { latency: "1 minute" })
          yield* other.fileSystem.exists("/")
        })
        const { exit, virtualTime } = yield* Simulation.run(program, { seed: 1 })
        assert.isTrue(Exit.isSuccess(exit))
        assert.strictEqual(Duration.toSeconds(virtualTime), 61)
      })
  )

  it.effect("DISK14: what is asked without power is refused at once, be the disk slow", () =>
    Effect.gen(function* () {
      const disk = yield* SimFileSystem.make({ latency: "1 hour" })
      yield* disk.powerOff
      const exit = yield* Effect.exit(Effect.uninterruptible(disk.fileSystem.exists("/")))
      assert.isTrue(Exit.hasInterrupts(exit))
    })
  )

  it.effect(
    "DISK14: the power goes off when the given operations are done and another one comes",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make({ crashAfter: 2 })
        const fs = disk.fileSystem
        const log: Array<string> = []
        const program = Effect.gen(function* () {
          for (const name of ["/1", "/2", "/3"]) {
            yield* fs.makeDirectory(name)
            log.push(name)
          }
        })
        const fiber = yield* Effect.forkChild(program)
        yield* disk.awaitPowerOff
        assert.isTrue(yield* disk.isOff)
        yield* Fiber.await(fiber)
        assert.deepStrictEqual(log, ["/1", "/2"])
        assert.strictEqual((yield* disk.operations).length, 2)
      })
  )

  it.effect(
    "DISK14: code that goes on without power is stopped, be it in a loop that nothing ends",
    () =>
      Effect.gen(function* () {
        const disk = yield* SimFileSystem.make()
        yield* disk.powerOff
        let count = 0
        const loop = Effect.exit(disk.fileSystem.exists("/")).pipe(
          Effect.andThen(Effect.sync(() => count++)),
          Effect.forever,
          Effect.uninterruptible
        )
        yield* Effect.forkDetach(loop)
        yield* Effect.repeat(Effect.yieldNow, { until: () => count >= 10_000 })
        for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
        assert.strictEqual(count, 10_000)
      })
  )

  it.effect(
    "DISK15: the same seed gives the same names of temporary files; two disks share nothing",
    () =>
      Effect.gen(function* () {
        const name = (seed: number) =>
          Effect.flatMap(SimFileSystem.make({ seed }), ({ fileSystem }) =>
            fileSystem.makeTempFile()
          )
        assert.strictEqual(yield* name(1), yield* name(1))
        assert.notStrictEqual(yield* name(1), yield* name(2))
      })
  )

  it.effect("DISK15: a layer makes its disk each time that it is built", () =>
    Effect.gen(function* () {
      const layer = SimFileSystem.layer()
      const program = Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const before = yield* fs.exists("/file")
        yield* fs.writeFileString("/file", "")
        return before
      })
      assert.isFalse(yield* Effect.provide(program, layer))
      assert.isFalse(yield* Effect.provide(program, layer))
    })
  )

  it.effect("DISK22: options out of range are a defect, and say what to give", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<SimFileSystem.Options> = [
        { sectorBytes: 0 },
        { crashAfter: -1 },
        { operationsMax: 1.5 },
        { capacityBytes: NaN },
        { faults: [{ nth: 0 }] },
        { faults: [{}, { count: -1 }] },
        { faults: [{ bytesMax: 0.5 }] },
        { faults: [{ probability: 2 }] }
      ]
      for (const options of wrong) {
        const defect = yield* Effect.flip(Effect.sandbox(SimFileSystem.make(options)))
        assert.match(String(defect), /: give a (whole number of at least [01]|number from 0 to 1)/)
      }
      const disk = yield* SimFileSystem.make()
      const exit = yield* Effect.exit(disk.configure({ capacityBytes: -1 }))
      assert.isTrue(Exit.hasDies(exit))
    })
  )

  it.effect("DISK24: watch fails, and says so", () =>
    Effect.gen(function* () {
      const { fileSystem } = yield* SimFileSystem.make()
      const error = yield* Effect.flip(Stream.runDrain(fileSystem.watch("/")))
      assert.strictEqual(codeOf(error), "BadArgument")
      assert.include(error.message, "does not watch")
    })
  )
})

const seededBelow = (seed: number) => {
  let state = seed
  return (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import * as TargetLock from "../src/TargetLock.ts"
import { otherWriter } from "./support/otherWriter.ts"
import { freshPath, watched } from "./support/watchedFiles.ts"

const files = Effect.provide(watched([]))

const lockFiles = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readDirectory(path.slice(0, path.lastIndexOf("/")))
})

describe("TargetLock", () => {
  it.effect("LCK1: this process gets a lock once, until it gives it back, and leaves no file", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const scope = yield* Scope.make()
      yield* Scope.provide(TargetLock.acquire(path), scope)
      const error = yield* Effect.flip(TargetLock.acquire(path))
      assert.strictEqual(error.message, `${path} is being written by this process already`)
      yield* Scope.close(scope, Exit.void)
      yield* Effect.scoped(TargetLock.acquire(path))
      assert.deepStrictEqual(yield* lockFiles(path), [])
    }).pipe(files)
  )

  it.live("LCK2, LCK3: a live process keeps the lock; a killed one has lost it", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const other = yield* otherWriter(path)
      const error = yield* Effect.flip(TargetLock.acquire(path))
      assert.strictEqual(error._tag, "TargetLocked")
      assert.strictEqual(error._tag === "TargetLocked" && error.holder?.pid, other.pid)
      assert.strictEqual((yield* lockFiles(path)).length, 1)
      yield* other.kill
      yield* Effect.scoped(TargetLock.acquire(path))
      assert.deepStrictEqual(yield* lockFiles(path), [])
    }).pipe(files)
  )

  it.live("LCK6: looking tells of a live process and of a killed one, and leaves their files", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      assert.deepStrictEqual(yield* TargetLock.look(path), { holder: undefined, wasKilled: false })
      const other = yield* otherWriter(path)
      const [name] = yield* lockFiles(path)
      const live = yield* TargetLock.look(path)
      const { isHere, pid } = live.holder!
      assert.deepStrictEqual([pid, isHere, live.wasKilled], [other.pid, true, false])
      yield* other.kill
      assert.deepStrictEqual(yield* TargetLock.look(path), { holder: undefined, wasKilled: true })
      assert.deepStrictEqual(yield* lockFiles(path), [name])
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* TargetLock.acquire(path)
          assert.strictEqual((yield* TargetLock.look(path)).holder?.pid, process.pid)
        })
      )
    }).pipe(files)
  )

  const ours = () => {
    const [host, boot, start] = [
      readFileSync("/proc/sys/kernel/hostname", "utf8").trim(),
      readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8),
      readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ")[19]!
    ]
    return { host: host.replaceAll(/[^A-Za-z0-9.]/g, "."), boot, pid: String(process.pid), start }
  }

  it.live.each([
    ["of before the last start of the machine", { boot: "0badc0de" }, true],
    ["of a process whose number is in use again", { start: "1" }, true],
    ["of another machine", { host: "elsewhere", pid: "999999999" }, false]
  ] as const)("LCK3, LCK4: a lock %s", ([, but, isStale]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const { boot, host, pid, start } = { ...ours(), ...but }
      const lock = `${path}.lock-${host}-${boot}-${pid}-${start}`
      yield* fs.writeFileString(lock, "")
      const exit = yield* Effect.exit(Effect.scoped(TargetLock.acquire(path)))
      assert.strictEqual(Exit.isSuccess(exit), isStale)
      assert.strictEqual(yield* fs.exists(lock), !isStale)
    }).pipe(files)
  )

  it.live(
    "LCK3: the lock of a killed process is removed though its parent never asked how it ended",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* freshPath
        // `exec` makes the parent a program that knows nothing of its child.
        const parent = spawn("sh", ["-c", "sleep 1000 & echo $!; exec sleep 1000"])
        yield* Effect.addFinalizer(() => Effect.sync(() => parent.kill("SIGKILL")))
        const [output] = yield* Effect.promise(() => once(parent.stdout, "data"))
        const pid = String(output).trim()
        yield* Effect.addFinalizer(() => Effect.sync(() => process.kill(Number(pid), "SIGKILL")))
        const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")
        const { boot, host } = ours()
        yield* fs.writeFileString(`${path}.lock-${host}-${boot}-${pid}-${stat()[19]}`, "")
        assert.strictEqual((yield* TargetLock.look(path)).holder?.pid, Number(pid))
        process.kill(Number(pid), "SIGKILL")
        while (stat()[0] !== "Z") yield* Effect.sleep("1 millis")
        assert.deepStrictEqual(yield* TargetLock.look(path), { holder: undefined, wasKilled: true })
      }).pipe(files)
  )

  it.effect("LCK5: other files beside the target are none of its business", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* fs.writeFileString(`${path}.lock-notes`, "mine")
      yield* Effect.scoped(TargetLock.acquire(path))
      assert.deepStrictEqual(yield* lockFiles(path), ["rows.jsonl.lock-notes"])
    }).pipe(files)
  )
})

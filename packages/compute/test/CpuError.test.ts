import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Fiber, Logger } from "effect"
import { Cpu, CpuError } from "@fibra/compute"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import {
  begun,
  moduleOf,
  problemOf,
  sharedCells,
  started,
  watchWorkers,
  type Work,
  workPool
} from "./support/pool.ts"

/** Calls a function that fails, and then one that works: on the same worker or on another. */
const failingCall = (call: (cpu: Cpu.Pool<Work>) => Effect.Effect<unknown, CpuError.CpuError>) =>
  Effect.gen(function* () {
    const cpu = yield* workPool({ size: 1 })
    const before = yield* cpu.run("thread")
    const { error, kind } = yield* problemOf(call(cpu))
    const after = yield* cpu.run("thread")
    return { error, kind, sameWorker: after === before }
  })

describe("CpuCallFailed", () => {
  it.effect("CPU8: it has name, message, stack, cause and properties of the error", () =>
    Effect.gen(function* () {
      const { error, kind, sameWorker } = yield* failingCall((cpu) => cpu.run("fail", 3))
      assert.strictEqual(kind, "failure")
      assert.instanceOf(error, CpuError.CpuCallFailed)
      assert.deepInclude(error, {
        _tag: "CpuCallFailed",
        function: "fail",
        name: "TooSmall",
        message: "give at least 3"
      })
      assert.deepInclude(error.properties, { code: "E_SMALL", least: 3 })
      assert.instanceOf(error.cause, RangeError)
      assert.strictEqual(error.cause.message, "off by one")
      assert.isTrue(sameWorker)
    })
  )

  it.effect("CPU8: its stack names the place in the module, and nothing of this package", () =>
    Effect.gen(function* () {
      const { error } = yield* failingCall((cpu) => cpu.run("fail", 3))
      const printed = Cause.pretty(Cause.fail(error))
      assert.match(printed, /^TooSmall: give at least 3\n +at fail \(.*work\.ts:\d+:\d+\)\n? *\{/)
    })
  )

  it.effect("CPU8: what is thrown and is no error becomes the cause", () =>
    Effect.gen(function* () {
      const text = yield* failingCall((cpu) => cpu.run("reject", "no luck"))
      assert.instanceOf(text.error, CpuError.CpuCallFailed)
      assert.deepInclude(text.error, { name: "Error", message: "no luck", cause: "no luck" })
      const object = yield* failingCall((cpu) => cpu.run("reject", { code: 7 }))
      assert.deepInclude(object.error, {
        message: "a thrown object, not an Error",
        cause: { code: 7 }
      })
    })
  )

  it.effect("CPU8: what cannot be cloned of it is left out, and the rest arrives", () =>
    Effect.gen(function* () {
      const { error, sameWorker } = yield* failingCall((cpu) => cpu.run("failWithFunctions"))
      assert.deepInclude(error, {
        _tag: "CpuCallFailed",
        name: "TypeError",
        message: "callback missing",
        cause: undefined,
        properties: {}
      })
      assert.isTrue(sameWorker)
      const symbol = yield* failingCall((cpu) => cpu.run("rejectWithSymbol"))
      assert.deepInclude(symbol.error, {
        message: "a thrown symbol, not an Error",
        cause: undefined
      })
    })
  )
})

describe("CpuFunctionMissing", () => {
  it.effect("CPU9: a name that is not an exported function is a defect that says which are", () =>
    Effect.gen(function* () {
      const module = moduleOf("export const a = 1; export const b = () => 2")
      const cpu = yield* Cpu.pool<{ a(): void; toString(): string }>({ module, size: 1 })
      const exported = yield* problemOf(cpu.run("a"))
      assert.strictEqual(exported.kind, "defect")
      const expected = { module: module.href, function: "a", functions: ["b"] }
      assert.deepStrictEqual(exported.error, new CpuError.CpuFunctionMissing(expected))
      assert.include(String(exported.error), "exports no function a, but b:")
      const inherited = yield* problemOf(cpu.run("toString"))
      assert.instanceOf(inherited.error, CpuError.CpuFunctionMissing)
    })
  )
})

describe("CpuModuleFailed", () => {
  it.effect.each([
    { what: "is missing", module: new URL("./missing.ts", import.meta.url), says: /Cannot find/ },
    { what: "does not parse", module: moduleOf("export const = 1"), says: /Unexpected token/ },
    { what: "throws", module: moduleOf("throw new RangeError('at load')"), says: /at load/ },
    { what: "is on the network", module: new URL("http://127.0.0.1/"), says: /protocol 'http:'/ }
  ])("CPU10: each call to a module that $what fails with it", ({ module, says }) =>
    Effect.gen(function* () {
      const workers = yield* watchWorkers
      const cpu = yield* Cpu.pool<{ f(): void }>({ module, size: 1 })
      const first = yield* Effect.flip(cpu.run("f"))
      const second = yield* Effect.flip(cpu.run("f"))
      for (const error of [first, second]) {
        assert.instanceOf(error, CpuError.CpuModuleFailed)
        assert.strictEqual(error.module, module.href)
        assert.match(error.cause.message, says)
        assert.include(error.message, `cannot be loaded by a worker: ${error.cause.message}`)
      }
      assert.strictEqual(workers.alive(), 0)
    })
  )

  it.effect("CPU10: a module that was repaired is loaded by the next call", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "fibra-cpu-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const path = join(folder, "work.mjs")
      const cpu = yield* Cpu.pool<{ f(): number }>({ module: pathToFileURL(path), size: 1 })
      assert.instanceOf(yield* Effect.flip(cpu.run("f")), CpuError.CpuModuleFailed)
      writeFileSync(path, "export const f = () => 7")
      assert.strictEqual(yield* cpu.run("f"), 7)
    })
  )
})

describe("CpuWorkerDied", () => {
  it.effect("CPU11: process.exit ends the worker, not the process", () =>
    Effect.gen(function* () {
      const log: Array<unknown> = []
      const logger = Logger.layer([Logger.make(({ message }) => void log.push(message))])
      const { error, kind, sameWorker } = yield* failingCall((cpu) => cpu.run("exit", 3)).pipe(
        Effect.provide(logger)
      )
      assert.strictEqual(kind, "failure")
      const expected = { function: "exit", exitCode: 3, cause: undefined }
      assert.deepStrictEqual(error, new CpuError.CpuWorkerDied(expected))
      assert.isFalse(sameWorker)
      // The caller has been told.
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("CPU11: an error that nobody can catch is its cause", () =>
    Effect.gen(function* () {
      const { error, sameWorker } = yield* failingCall((cpu) => cpu.run("throwInTimer"))
      assert.instanceOf(error, CpuError.CpuWorkerDied)
      assert.instanceOf(error.cause, Error)
      assert.strictEqual(
        error.message,
        "a worker ended while it ran throwInTimer, with exit code 1: give at least 1"
      )
      assert.isFalse(sameWorker)
      const text = yield* failingCall((cpu) => cpu.run("throwTextInTimer"))
      assert.include((text.error as Error).message, "with exit code 1: out of luck")
    })
  )

  it.effect("CPU11: arguments that arrive damaged end the worker", () =>
    Effect.gen(function* () {
      const { error, sameWorker } = yield* failingCall((cpu) => cpu.run("receiveDamaged"))
      assert.instanceOf(error, CpuError.CpuWorkerDied)
      assert.instanceOf(error.cause, Error)
      assert.strictEqual(error.cause.message, "damaged")
      assert.isFalse(sameWorker)
    })
  )

  it.effect("CPU11: a worker that outgrows heapBytesMax ends alone", () =>
    Effect.gen(function* () {
      const module = moduleOf(`
        export const grow = () => { const all = []; for (;;) all.push(Array.from({ length: 1000 }, Math.random)) }
        export const ok = () => true
      `)
      const heapBytesMax = 32 * 1024 * 1024
      const cpu = yield* Cpu.pool<{ grow(): void; ok(): boolean }>({ module, heapBytesMax })
      const error = yield* Effect.flip(cpu.run("grow"))
      assert.instanceOf(error, CpuError.CpuWorkerDied)
      assert.deepInclude(error.cause, { code: "ERR_WORKER_OUT_OF_MEMORY" })
      assert.isTrue(yield* cpu.run("ok"))
    })
  )

  it.effect("CPU12: a worker that dies between two calls is logged, and the next call works", () =>
    Effect.gen(function* () {
      const logged = yield* Deferred.make<unknown>()
      const logger = Logger.make(({ logLevel, message }) =>
        Deferred.doneUnsafe(logged, Effect.succeed([logLevel, message]))
      )
      yield* Effect.gen(function* () {
        const cpu = yield* workPool({ size: 1 })
        yield* cpu.run("leaveTimer")
        const [level, message] = (yield* Deferred.await(logged)) as [string, Array<unknown>]
        assert.strictEqual(level, "Warn")
        assert.strictEqual(
          message[0],
          "a worker ended between two calls, with exit code 1: give at least 2"
        )
        assert.instanceOf(message[1], CpuError.CpuWorkerDied)
        assert.strictEqual(yield* cpu.run("fib", 10), 55)
      }).pipe(Effect.provide(Logger.layer([logger])))
    })
  )
})

describe("CpuNotCloneable", () => {
  it.effect("CPU13: arguments that cannot be cloned are refused before anything runs", () =>
    Effect.gen(function* () {
      const { error, kind, sameWorker } = yield* failingCall((cpu) => cpu.run("echo", () => 1))
      assert.strictEqual(kind, "failure")
      assert.deepInclude(error, { _tag: "CpuNotCloneable", function: "echo", value: "arguments" })
      assert.strictEqual(
        (error as Error).message,
        "the arguments of echo cannot be sent between threads: () => 1 could not be cloned. Use plain data."
      )
      assert.isTrue(sameWorker)
    })
  )

  it.effect("CPU13: a result that cannot be cloned is an error of the call", () =>
    Effect.gen(function* () {
      const { error, sameWorker } = yield* failingCall((cpu) => cpu.run("returnFunction"))
      assert.deepInclude(error, {
        _tag: "CpuNotCloneable",
        function: "returnFunction",
        value: "result"
      })
      assert.isTrue(sameWorker)
      const getter = yield* failingCall((cpu) => cpu.run("returnThrowingGetter"))
      assert.deepInclude(getter.error, { _tag: "CpuNotCloneable", value: "result" })
      assert.include((getter.error as Error).message, "give at least 3")
    })
  )

  it.effect("CPU13: a result that arrives damaged is an error of the call", () =>
    Effect.gen(function* () {
      const workers = yield* watchWorkers
      const cpu = yield* workPool({ size: 2 })
      const cells = sharedCells(1)
      const parked = yield* started(problemOf(cpu.run("park", cells)))
      yield* begun(cells)
      workers.last().emit("messageerror", new Error("damaged"))
      // While the worker ends, nobody else gets it.
      assert.strictEqual(yield* cpu.run("fib", 10), 55)
      const { error } = yield* Fiber.join(parked)
      assert.deepInclude(error, { _tag: "CpuNotCloneable", function: "park", value: "result" })
      assert.deepStrictEqual([workers.started(), workers.alive()], [2, 1])
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scheduler, Scope } from "effect"
import { Cpu, CpuError } from "@fibra/compute"
import {
  begun,
  module,
  problemOf,
  release,
  sharedCells,
  started,
  watchWorkers,
  type Work,
  workPool
} from "./support/pool.ts"

describe("Cpu calls", () => {
  it.effect("CPU1: a function runs on another thread and its result comes back", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 1 })
      assert.strictEqual(yield* cpu.run("fib", 12), 144)
      assert.isFalse(yield* cpu.run("isMain"))
    })
  )

  it.effect("CPU1: the value of a promise comes back, and defaults of parameters hold", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 1 })
      assert.strictEqual(yield* cpu.run("later", "done"), "done!")
      assert.strictEqual(yield* cpu.run("later", "done", "?"), "done?")
    })
  )

  it.effect("CPU1: arguments and results are copies, of all that can be cloned", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 1 })
      const list: Array<unknown> = [1n, "a", undefined, new Date(0), /x/g, new Set([1])]
      const value = {
        list,
        map: new Map([["k", new Uint8Array([1, 2])]]),
        self: undefined as unknown
      }
      value.self = value
      const copy = yield* cpu.run("echo", value)
      assert.notStrictEqual(copy, value)
      assert.deepStrictEqual(copy, value)
    })
  )

  it.effect("CPU1: messages that the module posts itself are not results", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 1 })
      assert.strictEqual(yield* cpu.run("speakOutOfTurn"), "done")
    })
  )

  it.effect("CPU3: a worker is started when a call needs one, and kept for the next", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 2 })
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 0, running: 0, waiting: 0 })
      const first = yield* cpu.run("thread")
      assert.strictEqual(yield* cpu.run("thread"), first)
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 1, running: 0, waiting: 0 })
    })
  )

  it.effect("CPU3: at most `size` functions run at once", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 2 })
      const cells = sharedCells(3)
      const fibers = yield* Effect.forEach([0, 1, 2], (index) =>
        started(cpu.run("spin", cells, index))
      )
      yield* Effect.all([begun(cells, 0), begun(cells, 1)])
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 2, running: 2, waiting: 1 })
      assert.strictEqual(cells[2], 0)
      yield* release(cells, 1)
      yield* begun(cells, 2)
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 2, running: 2, waiting: 0 })
      yield* Effect.all([release(cells, 0), release(cells, 2)])
      yield* Fiber.joinAll(fibers)
    })
  )

  it.effect("CPU4: calls that wait get a worker in order of arrival", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 1 })
      const [cells, log] = [sharedCells(1), new Array<number>()]
      const spinning = yield* started(cpu.run("spin", cells, 0))
      const waiting = yield* Effect.forEach([1, 2, 3, 4], (n) =>
        started(Effect.tap(cpu.run("echo", n), () => Effect.sync(() => log.push(n))))
      )
      yield* Fiber.interrupt(waiting[1]!)
      assert.strictEqual((yield* cpu.snapshot).waiting, 3)
      yield* begun(cells)
      yield* release(cells)
      yield* Fiber.joinAll([spinning, waiting[0]!, waiting[2]!, waiting[3]!])
      assert.deepStrictEqual(log, [1, 3, 4])
    })
  )

  it.effect("CPU5: a call beyond the queue fails with CpuQueueFull and is not started", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 1, queueMax: 1 })
      const cells = sharedCells(1)
      const spinning = yield* started(cpu.run("spin", cells, 0))
      const waiting = yield* started(cpu.run("echo", "waited"))
      const refused = yield* Effect.flip(cpu.run("echo", "refused"))
      assert.deepStrictEqual(refused, new CpuError.CpuQueueFull({ function: "echo", queueMax: 1 }))
      assert.strictEqual(
        refused.message,
        "echo was not called: 1 calls wait for a worker already. Start fewer at a time, or raise queueMax."
      )
      yield* Fiber.interrupt(waiting)
      const next = yield* started(cpu.run("echo", "next"))
      yield* begun(cells)
      yield* release(cells)
      yield* Fiber.join(spinning)
      assert.strictEqual(yield* Fiber.join(next), "next")
    })
  )

  it.effect("CPU5: with queueMax 0 a call needs a free worker, with Infinity none is refused", () =>
    Effect.gen(function* () {
      const strict = yield* workPool({ size: 1, queueMax: 0 })
      assert.strictEqual(yield* strict.run("echo", 1), 1)
      const [first, second] = yield* Effect.forEach(
        [1, 2],
        (n) => Effect.exit(strict.run("echo", n)),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(first, Exit.succeed(1))
      assert.isTrue(Exit.isFailure(second!))
      const open = yield* workPool({ size: 1, queueMax: Infinity })
      const numbers = Array.from({ length: 1100 }, (_, n) => n)
      const echoes = Effect.forEach(numbers, (n) => open.run("echo", n), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(yield* echoes, numbers)
    })
  )
})

describe("Cpu interruption", () => {
  it.effect(
    "CPU6: an interrupted call stops in a loop that never yields, and its thread is gone",
    () =>
      Effect.gen(function* () {
        const workers = yield* watchWorkers
        const cpu = yield* workPool({ size: 1 })
        const cells = sharedCells(1)
        const fiber = yield* started(cpu.run("spin", cells, 0))
        const waiting = yield* started(cpu.run("echo", "next"))
        yield* begun(cells)
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual([workers.started(), workers.alive()], [1, 0])
        assert.strictEqual(yield* Fiber.join(waiting), "next")
        assert.deepStrictEqual([workers.started(), workers.alive()], [2, 1])
        assert.deepStrictEqual(yield* cpu.snapshot, { workers: 1, running: 0, waiting: 0 })
      })
  )

  it.effect("CPU6: other calls of the pool go on", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 2 })
      const cells = sharedCells(2)
      const fibers = yield* Effect.forEach([0, 1], (index) =>
        started(cpu.run("spin", cells, index))
      )
      yield* Effect.all([begun(cells, 0), begun(cells, 1)])
      yield* Fiber.interrupt(fibers[0]!)
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 1, running: 1, waiting: 0 })
      yield* release(cells, 1)
      yield* Fiber.join(fibers[1]!)
    })
  )

  it.effect("CPU6: a call is interrupted while its worker starts, or waits for a promise", () =>
    Effect.gen(function* () {
      const workers = yield* watchWorkers
      const cpu = yield* workPool({ size: 1 })
      const starting = yield* started(cpu.run("fib", 12))
      yield* Fiber.interrupt(starting)
      assert.strictEqual(workers.alive(), 0)
      const cells = sharedCells(1)
      const parked = yield* started(cpu.run("park", cells))
      yield* begun(cells)
      yield* Fiber.interrupt(parked)
      assert.strictEqual(workers.alive(), 0)
      assert.strictEqual(yield* cpu.run("fib", 12), 144)
    })
  )

  it.effect("CPU6: an interrupt that comes after the result does no harm to the next call", () =>
    Effect.gen(function* () {
      const cpu = yield* workPool({ size: 2 })
      const tasks: Array<() => void> = []
      let holds = false
      // Its fiber goes on with a result only when the test says so.
      const scheduler: Scheduler.Scheduler = {
        executionMode: "async",
        makeDispatcher: () => ({
          scheduleTask: (task) => void tasks.push(task),
          flush: () => {}
        }),
        shouldYield: () => holds
      }
      const call = Effect.provideService(cpu.run("echo", "late"), Scheduler.Scheduler, scheduler)
      const late = yield* started(call)
      holds = true
      while (tasks.length === 0) yield* nextTurn
      const cells = sharedCells(1)
      const next = yield* started(cpu.run("spin", cells, 0))
      yield* begun(cells)
      holds = false
      yield* Fiber.interrupt(late)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(late)))
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 1, running: 1, waiting: 0 })
      yield* release(cells)
      yield* Fiber.join(next)
    })
  )

  it.effect("CPU3, CPU6: after interrupts at any moment the pool is whole", () =>
    Effect.gen(function* () {
      const workers = yield* watchWorkers
      const cpu = yield* workPool({ size: 2 })
      for (let round = 0; round < 36; round++) {
        const fibers = yield* Effect.forEach([1, 2, 3], (n) => started(cpu.run("echo", n)))
        for (let turn = 0; turn < round % 12; turn++) yield* nextTurn
        yield* Fiber.interruptAll(fibers)
        assert.isAtMost(workers.alive(), 2)
      }
      assert.deepStrictEqual((yield* cpu.snapshot).running, 0)
      const calls = [1, 2, 3].map((n) => cpu.run("echo", n))
      assert.deepStrictEqual(yield* Effect.all(calls, { concurrency: 3 }), [1, 2, 3])
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 2, running: 0, waiting: 0 })
    })
  )

  it.effect("CPU7: when the scope closes, all calls end as interrupted and no thread is left", () =>
    Effect.gen(function* () {
      const workers = yield* watchWorkers
      const scope = yield* Scope.make()
      const cpu = yield* Scope.provide(workPool({ size: 2 }), scope)
      const cells = sharedCells(1)
      yield* Effect.all([cpu.run("fib", 1), cpu.run("fib", 2)], { concurrency: 2 })
      const running = yield* started(problemOf(cpu.run("spin", cells, 0)))
      yield* begun(cells)
      const parked = yield* started(problemOf(cpu.run("park", sharedCells(1))))
      const waiting = yield* Effect.forEach([1, 2, 3], (n) =>
        started(problemOf(cpu.run("echo", n)))
      )
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual([workers.started(), workers.alive()], [2, 0])
      const problems = yield* Effect.forEach([running, parked, ...waiting], Fiber.join)
      assert.deepStrictEqual(
        problems.map(({ kind }) => kind),
        problems.map(() => "interrupt")
      )
      assert.strictEqual((yield* problemOf(cpu.run("fib", 1))).kind, "interrupt")
      assert.strictEqual(workers.started(), 2)
      assert.deepStrictEqual(yield* cpu.snapshot, { workers: 0, running: 0, waiting: 0 })
    })
  )
})

describe("Cpu options", () => {
  it.effect.each([
    { option: "size", value: 0 },
    { option: "size", value: 1.5 },
    { option: "size", value: Infinity },
    { option: "queueMax", value: -1 },
    { option: "queueMax", value: NaN },
    { option: "heapBytesMax", value: 1024 }
  ] as const)("CPU14: an option out of range is a defect: $option $value", ({ option, value }) =>
    Effect.gen(function* () {
      const { error, kind } = yield* problemOf(Cpu.pool<Work>({ module, [option]: value }))
      assert.strictEqual(kind, "defect")
      assert.instanceOf(error, Cpu.OptionOutOfRange)
      assert.deepInclude(error, { option, value })
      assert.match(error.message, new RegExp(`^${option} is ${value}: give an integer from \\d`))
    })
  )
})

const nextTurn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

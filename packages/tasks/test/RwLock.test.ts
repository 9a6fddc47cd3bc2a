import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch } from "effect"
import { RwLock } from "@fibra/tasks"
import { CurrentTaskName } from "../src/internal/taskName.ts"

// `read` and `write` start a task that logs its name once it is inside and stays until its gate opens.
const setup = Effect.gen(function* () {
  const lock = yield* RwLock.make({ name: "cache" })
  const log: Array<string> = []
  const enter = (inside: RwLock.RwLock["withRead"]) => (name: string) =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const task = yield* Effect.sync(() => log.push(name)).pipe(
        Effect.andThen(gate.await),
        (body) => inside(body),
        Effect.provideService(CurrentTaskName, name),
        Effect.forkChild({ startImmediately: true })
      )
      return { task, end: Effect.andThen(gate.open, Fiber.join(task)) }
    })
  return { lock, log, read: enter(lock.withRead), write: enter(lock.withWrite) }
})

const unheld = { readers: [], writer: undefined, waiting: 0 }

describe("RwLock", () => {
  it.effect("RWL1: readers share it, a writer has it alone", () =>
    Effect.gen(function* () {
      const { lock, log, read, write } = yield* setup
      const readers = [yield* read("r1"), yield* read("r2")]
      const writer = yield* write("w")
      assert.deepStrictEqual(log, ["r1", "r2"])
      yield* readers[0]!.end
      assert.deepStrictEqual(log, ["r1", "r2"])
      yield* readers[1]!.end
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["r1", "r2", "w"])
      const late = yield* read("r3")
      assert.deepStrictEqual(log, ["r1", "r2", "w"])
      yield* writer.end
      yield* late.end
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect.each(["withRead", "withWrite"] as const)(
    "RWL1: %s gives the lock back after failure, defect and interrupt",
    (mode) =>
      Effect.gen(function* () {
        const { lock } = yield* setup
        const bodies: Array<Effect.Effect<void, string>> = [
          Effect.fail("no"),
          Effect.die("no"),
          Effect.interrupt
        ]
        for (const body of bodies) {
          yield* Effect.exit(lock[mode](body))
          assert.deepStrictEqual(yield* lock.snapshot, unheld)
        }
      })
  )

  it.effect("RWL2: requests are served in order of arrival, readers in a row together", () =>
    Effect.gen(function* () {
      const { log, read, write } = yield* setup
      const first = yield* read("r1")
      const writer = yield* write("w1")
      const readers = [yield* read("r2"), yield* read("r3")]
      const last = yield* write("w2")
      // r2 could share the lock with r1, but came after w1.
      assert.deepStrictEqual(log, ["r1"])
      yield* first.end
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["r1", "w1"])
      yield* writer.end
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["r1", "w1", "r2", "r3"])
      yield* Effect.forEach(readers, ({ end }) => end)
      yield* last.end
      assert.deepStrictEqual(log, ["r1", "w1", "r2", "r3", "w2"])
    })
  )

  it.effect("RWL3: interrupting a waiting writer lets in the readers behind it", () =>
    Effect.gen(function* () {
      const { lock, log, read, write } = yield* setup
      yield* read("r1")
      const writer = yield* write("w")
      yield* read("r2")
      yield* Fiber.interrupt(writer.task)
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["r1", "r2"])
      assert.deepStrictEqual(yield* lock.snapshot, {
        readers: ["r1", "r2"],
        writer: undefined,
        waiting: 0
      })
    })
  )

  it.effect.each([
    ["read", "read"],
    ["read", "write"],
    ["write", "read"],
    ["write", "write"]
  ] as const)("RWL4: asking to %s a lock that one holds to %s is a defect", ([asked, holds]) =>
    Effect.gen(function* () {
      const { lock } = yield* setup
      const modes = { read: lock.withRead, write: lock.withWrite }
      const again = Effect.exit(modes[asked](Effect.void))
      const exit = yield* Effect.provideService(modes[holds](again), CurrentTaskName, "teller")
      const defect = new RwLock.RwLockReentered({ lock: "cache", owner: "teller", holds, asked })
      assert.deepStrictEqual(exit, Exit.die(defect))
      assert.include(defect.message, `teller holds the lock "cache" to ${holds}`)
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("RWL5: the snapshot names the readers or the writer, and counts those who wait", () =>
    Effect.gen(function* () {
      const { lock, read, write } = yield* setup
      const writer = yield* write("w")
      yield* read("r")
      assert.deepStrictEqual(yield* lock.snapshot, { readers: [], writer: "w", waiting: 1 })
      yield* writer.end
      const expected = { readers: ["r"], writer: undefined, waiting: 0 }
      assert.deepStrictEqual(yield* lock.snapshot, expected)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Latch, References } from "effect"
import { Task } from "@fibra/tasks"
import { causeOf, interrupted, logged, makeLog, started } from "./support/tasks.ts"

describe("Task.gather", () => {
  it.effect("TSK1: results come in argument order, whatever order the tasks end in", () =>
    Effect.gen(function* () {
      const last = yield* Latch.make()
      const slow = Effect.as(last.await, "slow")
      const fast = Effect.as(last.open, "fast")
      assert.deepStrictEqual(yield* Task.gather([slow, fast]), ["slow", "fast"])
    })
  )

  it.effect("TSK1: an iterable gives an array, a record a record with the same keys", () =>
    Effect.gen(function* () {
      const two = new Set([Effect.succeed(1), Effect.as(Effect.yieldNow, 2)])
      assert.deepStrictEqual(yield* Task.gather(two), [1, 2])
      assert.deepStrictEqual(yield* Task.gather([]), [])
      assert.deepStrictEqual(yield* Task.gather({}), {})
      const record = Task.gather({ b: Effect.succeed(1), a: Effect.as(Effect.yieldNow, "x") })
      assert.deepStrictEqual(Object.entries(yield* record), [
        ["b", 1],
        ["a", "x"]
      ])
    })
  )

  it.effect("TSK1: an iterable that throws is a defect and starts no task", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const source = {
        *[Symbol.iterator]() {
          yield say("started")
          throw "broken source"
        }
      }
      assert.deepStrictEqual(yield* causeOf(Task.gather(source)), ["Die:broken source"])
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("TSK2: without a limit tasks start before any can resume", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const task = (name: string) =>
        say(`${name} starts`).pipe(
          Effect.andThen(Effect.yieldNow),
          Effect.andThen(say(`${name} ends`))
        )
      yield* Task.gather([task("a"), task("b")])
      assert.deepStrictEqual(log, ["a starts", "b starts", "a ends", "b ends"])
    })
  )

  it.effect("TSK2: tasks that end as they start do not end the gather before its time", () =>
    Effect.gen(function* () {
      const late = (value: number) => Effect.as(Effect.yieldNow, value)
      const now = (value: number) =>
        Effect.as(
          Effect.sync(() => value),
          value
        )
      const tasks = [late(1), now(2), Effect.succeed(3), late(4), now(5), late(6)]
      for (const concurrency of [1, 2]) {
        assert.deepStrictEqual(yield* Task.gather(tasks, { concurrency }), [1, 2, 3, 4, 5, 6])
      }
    })
  )

  it.effect("TSK2: after 2,048 starts the tasks that run get a turn", () =>
    Effect.gen(function* () {
      let [started, ended] = [0, 0]
      const endedAtStart: Array<number> = []
      const task = Effect.sync(() => {
        if (started++ % 2048 === 0) endedAtStart.push(ended)
      }).pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(Effect.sync(() => ended++)))
      yield* Task.gather(Array.from({ length: 5000 }, () => task))
      assert.deepStrictEqual(endedAtStart, [0, 2048, 4096])
    })
  )

  it.effect.each([1, 3, 7])("TSK2: at most %d of 20 tasks run at once, started in order", (limit) =>
    Effect.gen(function* () {
      let [running, peak] = [0, 0]
      const started: Array<number> = []
      const task = (index: number) =>
        Effect.sync(() => {
          started.push(index)
          peak = Math.max(peak, ++running)
        }).pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(Effect.sync(() => running--)))
      const indices = Array.from({ length: 20 }, (_, index) => index)
      yield* Task.gather(indices.map(task), { concurrency: limit })
      assert.deepStrictEqual([peak, running, started], [limit, 0, indices])
    })
  )

  it.effect("TSK3: the first failure interrupts the others and waits for their cleanup", () =>
    Effect.gen(function* () {
      const { log, parked, say } = yield* makeLog
      const failing = Effect.andThen(Effect.yieldNow, Effect.fail("boom"))
      const tasks = [parked("a"), failing, parked("b"), say("never started")]
      const exit = yield* Effect.exit(Task.gather(tasks, { concurrency: 3 }))
      assert.deepStrictEqual(exit, Exit.fail("boom"))
      assert.deepStrictEqual(log, ["a", "b", "a cleaned", "b cleaned"])
    })
  )

  it.effect("TSK3: a task whose own start makes a sibling fail is interrupted as well", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const deferred = yield* Deferred.make<never, string>()
      const trigger = Effect.andThen(Deferred.fail(deferred, "boom"), parked("trigger"))
      const exit = yield* Effect.exit(Task.gather([Deferred.await(deferred), trigger]))
      assert.deepStrictEqual(exit, Exit.fail("boom"))
      assert.deepStrictEqual(log, ["trigger", "trigger cleaned"])
    })
  )

  it.effect("TSK3: a task that interrupts itself ends the gather as interrupted", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const cause = yield* causeOf(Task.gather([parked("a"), Effect.interrupt]))
      assert.deepStrictEqual([cause, log], [["Interrupt"], ["a", "a cleaned"]])
    })
  )

  it.effect("TSK4: every cause survives, and typed failures stay typed beside defects", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const cause = yield* causeOf(
        Task.gather([
          parked("typed cleanup", Effect.fail("cleanup failed")),
          parked("broken cleanup", Effect.die("cleanup died")),
          Effect.andThen(Effect.yieldNow, Effect.fail("first")),
          parked("same again", Effect.fail("cleanup failed"))
        ])
      )
      assert.deepStrictEqual(cause, [
        "Fail:first",
        "Fail:cleanup failed",
        "Die:cleanup died",
        "Fail:cleanup failed"
      ])
    })
  )

  it.effect("TSK4: through nested gathers no cause is lost", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const inner = Task.gather([parked("deep", Effect.die("deep cleanup")), Effect.never])
      const failing = Effect.andThen(Effect.yieldNow, Effect.fail("outer"))
      const cause = yield* causeOf(Task.gather([Task.gather([inner]), failing]))
      assert.deepStrictEqual(cause, ["Fail:outer", "Die:deep cleanup"])
    })
  )

  it.effect("TSK5: settle lets every task end and gives each Exit in its place", () =>
    Effect.gen(function* () {
      const late = Effect.as(Effect.yieldNow, 1)
      const results = yield* Task.gather(
        { failed: Effect.fail("x"), late, died: Effect.die("y"), cut: Effect.interrupt },
        { mode: "settle", concurrency: 2 }
      )
      assert.deepStrictEqual(results.failed, Exit.fail("x"))
      assert.deepStrictEqual(results.late, Exit.succeed(1))
      assert.deepStrictEqual(results.died, Exit.die("y"))
      assert.isTrue(Exit.hasInterrupts(results.cut))
    })
  )

  it.effect("TSK6: an interrupt reaches every task, waits, and keeps the errors of cleanup", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const tasks = [parked("a", Effect.fail("no disk")), parked("b", Effect.die("bug"))]
      const cause = yield* interrupted(Task.gather(tasks))
      assert.deepStrictEqual(log, ["a", "b", "a cleaned", "b cleaned"])
      assert.deepStrictEqual(cause, ["Interrupt", "Fail:no disk", "Die:bug"])
    })
  )

  it.effect.each(["failFast", "settle"] as const)(
    "TSK6: an interrupted gather in mode %s starts no further task",
    (mode) =>
      Effect.gen(function* () {
        const { log, parked, say } = yield* makeLog
        yield* interrupted(Task.gather([parked("a"), say("late")], { concurrency: 1, mode }))
        assert.deepStrictEqual(log, ["a", "a cleaned"])
      })
  )

  it.effect("TSK7: an interrupted settle logs what it had settled and fails with the rest", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const tasks = [Effect.fail("early"), parked("a", Effect.fail("late")), Effect.succeed(1)]
      const gather = Task.gather(tasks, { mode: "settle" })
      const { lines, value } = yield* logged(interrupted(gather))
      assert.deepStrictEqual(value, ["Interrupt", "Die:late"])
      const message = "An interrupted gather drops failures"
      assert.deepStrictEqual(lines, [["Error", message, "Fail:early"]])
    })
  )

  it.effect("TSK7: the level of that log is References.UnhandledLogLevel", () =>
    Effect.gen(function* () {
      const gather = interrupted(Task.gather([Effect.fail("x"), Effect.never], { mode: "settle" }))
      const levels = (level: "Warn" | undefined) =>
        logged(Effect.provideService(gather, References.UnhandledLogLevel, level)).pipe(
          Effect.map(({ lines }) => lines.map(([level]) => level))
        )
      assert.deepStrictEqual(yield* levels("Warn"), ["Warn"])
      assert.deepStrictEqual(yield* levels(undefined), [])
    })
  )

  it.effect("TSK8: a typed failure whose handler an interrupt skips is logged", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const handled = Effect.ignore(Task.gather([parked("a", Effect.fail("no disk"))]))
      const { lines, value } = yield* logged(interrupted(handled))
      assert.deepStrictEqual(value, ["Interrupt"])
      const message = "An interrupted task ends without these failures of its cleanup"
      assert.deepStrictEqual(lines, [["Error", message, "Fail:no disk"]])
    })
  )

  it.effect("TSK9: in an uninterruptible region the tasks are not interrupted either", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const flush = Effect.andThen(Effect.yieldNow, Effect.andThen(Effect.yieldNow, say("flushed")))
      const gather = Effect.uninterruptible(Task.gather([Effect.fail("boom"), flush]))
      const other = Effect.uninterruptible(
        Task.gather([flush, Effect.andThen(Effect.yieldNow, Effect.fail("boom"))])
      )
      yield* Effect.exit(gather)
      yield* Effect.exit(other)
      assert.deepStrictEqual(log, ["flushed"])
    })
  )

  it.effect.each([0, -1, 1.5, Number.NaN])(
    "TSK10: concurrency %d is a defect and starts nothing",
    (concurrency) =>
      Effect.gen(function* () {
        const { log, say } = yield* makeLog
        const exit = yield* Effect.exit(Task.gather([say("started")], { concurrency }))
        assert.deepStrictEqual(exit, Exit.die(new Task.InvalidConcurrency({ concurrency })))
        assert.deepStrictEqual(log, [])
      })
  )

  it.effect("TSK11: 20,000 nested gathers start, end and are interrupted without overflow", () =>
    Effect.gen(function* () {
      const nest = (leaf: Effect.Effect<unknown>) => {
        let tree = leaf
        for (let level = 0; level < 20_000; level++) {
          const inner = tree
          tree = Effect.suspend(() => Task.gather([inner]))
        }
        return tree
      }
      yield* nest(Effect.yieldNow)
      yield* nest(Effect.void)
      const parked = yield* Deferred.make<void>()
      const leaf = Effect.andThen(Deferred.succeed(parked, undefined), Effect.never)
      const fiber = yield* started(nest(leaf))
      yield* Deferred.await(parked)
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("TSK11: 100,000 tasks that end at once do not nest, also one after the other", () =>
    Effect.gen(function* () {
      const tasks = Array.from({ length: 100_000 }, (_, index) => Effect.sync(() => index))
      const results = yield* Task.gather(tasks, { concurrency: 1 })
      assert.strictEqual(results.at(-1), 99_999)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Pull, Scope, Stream } from "effect"
import { Task } from "@fibra/tasks"
import { causeOf, interrupted, leftovers, makeLog, started } from "./support/tasks.ts"

const late = <A>(value: A) => Effect.as(Effect.yieldNow, value)

/** An iterable that counts what was read of it, and whether it was told to stop. */
const counting = <A>(item: (index: number) => A, length = Infinity) => {
  const seen = { read: 0, closed: false }
  const source = {
    *[Symbol.iterator]() {
      try {
        while (seen.read < length) yield item(seen.read++)
      } finally {
        seen.closed = true
      }
    }
  }
  return { seen, source }
}

describe("Task.asCompleted", () => {
  it.effect("TSK28: results come in completion order, each exactly once", () =>
    Effect.gen(function* () {
      const gates = [yield* Latch.make(), yield* Latch.make(), yield* Latch.make()]
      const tasks = gates.map((gate, index) => Effect.as(gate.await, index))
      const order = Task.asCompleted(tasks, { concurrency: 3 })
      const fiber = yield* started(Stream.runCollect(order))
      for (const index of [2, 0, 1]) {
        yield* gates[index]!.open
        yield* Effect.yieldNow
      }
      assert.deepStrictEqual(yield* Fiber.join(fiber), [2, 0, 1])
    })
  )

  it.effect("TSK28: from an iterable, an async iterable and a stream alike", () =>
    Effect.gen(function* () {
      const tasks = Array.from({ length: 100 }, (_, index) =>
        index % 2 ? late(index) : Effect.succeed(index)
      )
      const sources = [
        tasks,
        new Set(tasks),
        (async function* () {
          yield* tasks
        })(),
        Stream.fromIterable(tasks),
        Stream.rechunk(Stream.fromIterable(tasks), 7)
      ]
      for (const source of sources) {
        const { left, value } = yield* leftovers(
          Stream.runCollect(Task.asCompleted(source, { concurrency: 9 }))
        )
        assert.sameMembers(
          value,
          tasks.map((_, index) => index)
        )
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      }
      const none = Stream.runCollect(Task.asCompleted([], { concurrency: 1 }))
      assert.deepStrictEqual(yield* none, [])
    })
  )

  it.effect(
    "TSK29: the source is not read ahead of the work, nor the work done ahead of the pulls",
    () =>
      Effect.gen(function* () {
        let ended = 0
        const { seen, source } = counting((index) => Effect.map(late(index), () => ++ended))
        const scope = yield* Scope.make()
        const results = Task.asCompleted(source, { concurrency: 4 })
        const pull = yield* Scope.provide(Stream.toPull(results), scope)
        for (let turn = 0; turn < 5; turn++) yield* Effect.yieldNow
        assert.deepStrictEqual([seen.read, ended], [4, 4])
        const pulled = yield* pull
        assert.strictEqual(pulled.length, 4)
        for (let turn = 0; turn < 5; turn++) yield* Effect.yieldNow
        assert.deepStrictEqual([seen.read, ended], [8, 8])
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(seen, { read: 8, closed: true })
      })
  )

  it.effect("TSK29: of ten million items only those are read that are pulled", () =>
    Effect.gen(function* () {
      const { seen, source } = counting(late, 10_000_000)
      const results = Stream.take(Task.asCompleted(source, { concurrency: 10 }), 1000)
      const sum = yield* Stream.runCount(results)
      assert.strictEqual(sum, 1000)
      assert.isAtMost(seen.read, 1010)
      assert.isTrue(seen.closed)
    })
  )

  it.effect("TSK29: at most `concurrency` effects run at once", () =>
    Effect.gen(function* () {
      let [running, peak] = [0, 0]
      const task = Effect.acquireUseRelease(
        Effect.sync(() => (peak = Math.max(peak, ++running))),
        () => Effect.yieldNow,
        () => Effect.sync(() => running--)
      )
      const tasks = Array.from({ length: 50 }, () => task)
      for (const source of [tasks, Stream.fromIterable(tasks)]) {
        peak = 0
        yield* Stream.runDrain(Task.asCompleted(source, { concurrency: 6 }))
        assert.deepStrictEqual([running, peak], [0, 6])
      }
    })
  )

  it.effect("TSK30: an interrupted pull loses nothing, and the next one goes on", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const tasks = [Effect.as(gate.await, "a"), Effect.as(gate.await, "b")]
      const pull = yield* Stream.toPull(Task.asCompleted(tasks, { concurrency: 2 }))
      assert.deepStrictEqual(yield* interrupted(pull), ["Interrupt"])
      yield* gate.open
      yield* Effect.yieldNow
      assert.deepStrictEqual(yield* pull, ["a", "b"])
      assert.isTrue(Pull.isDoneCause(yield* Effect.flip(Effect.sandbox(pull))))
    })
  )

  it.effect(
    "TSK31: the first failure ends the rest and fails with all causes, after the results",
    () =>
      Effect.gen(function* () {
        const { log, parked, say } = yield* makeLog
        const tasks = [
          Effect.as(Effect.void, "done"),
          Effect.andThen(Effect.yieldNow, Effect.fail("boom")),
          parked("a", Effect.die("bug")),
          parked("b", Effect.fail("no disk"))
        ]
        const { left, value } = yield* leftovers(
          causeOf(Stream.runForEach(Task.asCompleted(tasks, { concurrency: 4 }), say))
        )
        assert.deepStrictEqual(value, ["Fail:boom", "Die:bug", "Fail:no disk"])
        assert.sameMembers(log, ["done", "a", "b", "a cleaned", "b cleaned"])
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      })
  )

  it.effect("TSK31: a task that is interrupted ends the stream as interrupted", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const results = Task.asCompleted([parked("a"), Effect.interrupt], { concurrency: 2 })
      assert.deepStrictEqual(yield* causeOf(Stream.runDrain(results)), ["Interrupt"])
      assert.deepStrictEqual(log, ["a", "a cleaned"])
    })
  )

  it.effect("TSK31: a failing or throwing source does the same", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const throwing = {
        *[Symbol.iterator]() {
          yield parked("a")
          throw "broken source"
        }
      }
      type Parked = ReturnType<typeof parked>
      type Source = Iterable<Parked> | AsyncIterable<Parked> | Stream.Stream<Parked, string>
      const run = (source: Source) =>
        causeOf(Stream.runDrain(Task.asCompleted(source, { concurrency: 4 })))
      assert.deepStrictEqual(yield* run(throwing), ["Die:broken source"])
      const failing = Stream.concat(Stream.make(parked("b")), Stream.fail("no more"))
      assert.deepStrictEqual(yield* run(failing), ["Fail:no more"])
      const rejecting = (async function* () {
        yield parked("c")
        throw "rejected"
      })()
      assert.deepStrictEqual(yield* run(rejecting), ["Die:rejected"])
      assert.sameMembers(log, ["a", "a cleaned", "b", "b cleaned", "c", "c cleaned"])
    })
  )

  it.effect("TSK32: only a source that has neither ended nor thrown is closed", () =>
    Effect.gen(function* () {
      const closed: Array<string> = []
      const source = (name: string, next: () => IteratorResult<Effect.Effect<void>>) => ({
        [Symbol.iterator]: () => ({
          next,
          return: () => ({ done: true as const, value: closed.push(name) })
        })
      })
      const sources = [
        source("ended", () => ({ done: true, value: undefined })),
        source("thrown", () => {
          throw "broken"
        }),
        source("endless", () => ({ done: false, value: Effect.void }))
      ]
      for (const source of sources) {
        const results = Task.asCompleted(source, { concurrency: 1 })
        yield* Effect.exit(Stream.runDrain(Stream.take(results, 3)))
      }
      assert.deepStrictEqual(closed, ["endless"])
    })
  )

  it.effect("TSK32: ending the stream early interrupts and awaits the tasks", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const results = Task.asCompleted([late(1), parked("a")], { concurrency: 2 })
      assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(results, 1)), [1])
      assert.deepStrictEqual(log, ["a", "a cleaned"])
    })
  )

  it.effect("TSK32: errors of cleanup that no pull can give are defects of its scope", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const tasks = [late(1), parked("a", Effect.fail("no disk"))]
      const results = Stream.take(Task.asCompleted(tasks, { concurrency: 2 }), 1)
      assert.deepStrictEqual(yield* causeOf(Stream.runDrain(results)), ["Die:no disk"])
      const never = Task.asCompleted([parked("b", Effect.fail("no disk"))], { concurrency: 2 })
      assert.deepStrictEqual(yield* interrupted(Stream.runDrain(never)), [
        "Interrupt",
        "Die:no disk"
      ])
    })
  )

  it.effect(
    "TSK33: a concurrency that is not a positive integer is a defect and reads nothing",
    () =>
      Effect.gen(function* () {
        const { seen, source } = counting(late)
        const results = Stream.runDrain(Task.asCompleted(source, { concurrency: 0 }))
        const defect = new Task.InvalidConcurrency({ concurrency: 0 })
        assert.deepStrictEqual(yield* Effect.exit(results), Exit.die(defect))
        assert.strictEqual(seen.read, 0)
      })
  )
})

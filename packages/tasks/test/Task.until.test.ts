import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Latch, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import { Deadline, Task } from "@fibra/tasks"
import {
  causeOf,
  interrupted,
  leftovers,
  logged,
  makeLog,
  started,
  summary
} from "./support/tasks.ts"

/** Starts an effect, lets the clock run, and joins it. */
const after = <A, E, R>(time: Duration.Input, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* started(effect)
    yield* TestClock.adjust(time)
    return yield* Fiber.join(fiber)
  })

describe("Task.collect", () => {
  it.effect(
    "TSK13: what ended by the deadline is sorted, the rest is interrupted and awaited",
    () =>
      Effect.gen(function* () {
        const { log, parked } = yield* makeLog
        const tasks = [
          parked("a"),
          Effect.as(Effect.sleep("1 second"), "b"),
          Effect.fail("c"),
          parked("d", Effect.fail("no disk")),
          Effect.interrupt,
          Effect.succeed("f")
        ]
        const { left, value } = yield* leftovers(
          after("2 seconds", Task.collect(tasks, { within: "2 seconds" }))
        )
        assert.deepStrictEqual(value.succeeded, [
          { index: 1, value: "b" },
          { index: 5, value: "f" }
        ])
        assert.deepStrictEqual(
          value.failed.map(({ cause, index }) => [index, ...summary(cause)]),
          [
            [2, "Fail:c"],
            [3, "Interrupt", "Fail:no disk"]
          ]
        )
        assert.deepStrictEqual(value.interrupted, [0, 4])
        assert.deepStrictEqual(log, ["a", "d", "a cleaned", "d cleaned"])
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      })
  )

  it.effect("TSK13: what was never started counts as interrupted", () =>
    Effect.gen(function* () {
      const { log, parked, say } = yield* makeLog
      const tasks = [Effect.succeed(1), parked("a"), say("late")]
      const collect = Task.collect(tasks, { within: "1 second", concurrency: 1 })
      const { interrupted, succeeded } = yield* after("1 second", collect)
      assert.deepStrictEqual([succeeded, interrupted], [[{ index: 0, value: 1 }], [1, 2]])
      assert.deepStrictEqual(log, ["a", "a cleaned"])
    })
  )

  it.effect("TSK13: it returns as soon as every task has ended, and leaves no timer", () =>
    Effect.gen(function* () {
      const tasks = Array.from({ length: 5000 }, (_, index) => Effect.as(Effect.yieldNow, index))
      const { left, value } = yield* leftovers(Task.collect(tasks, { within: "1 hour" }))
      assert.strictEqual(value.succeeded.length, 5000)
      assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      const none = yield* Task.collect([], { within: "1 hour" })
      assert.deepStrictEqual(none, { succeeded: [], failed: [], interrupted: [] })
      const failing = yield* Task.collect([Effect.fail("a")], { within: "1 hour" })
      assert.strictEqual(failing.failed.length, 1)
    })
  )

  it.effect("TSK13: with no time left each task runs to its first suspension", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const tasks = [say("a"), Effect.andThen(say("b"), Effect.andThen(Effect.yieldNow, say("c")))]
      const { interrupted, succeeded } = yield* Task.collect(tasks, { within: 0 })
      assert.deepStrictEqual([succeeded.length, interrupted, log], [1, [1], ["a", "b"]])
    })
  )

  it.effect("TSK13: its tasks read the time left, and deadlines inside it work", () =>
    Effect.gen(function* () {
      const inner = Deadline.within("1 second", "inner")(Effect.never)
      const tied = Deadline.within("3 seconds", "tied")(Effect.never)
      const after1 = Effect.andThen(Effect.sleep("1 second"), Deadline.remaining)
      const tasks = [Effect.map(after1, Duration.toMillis), inner, tied]
      const { failed, interrupted, succeeded } = yield* after(
        "3 seconds",
        Task.collect(tasks, { within: "3 seconds" })
      )
      assert.deepStrictEqual(succeeded, [{ index: 0, value: 2000 }])
      assert.deepStrictEqual([failed.map(({ index }) => index), interrupted], [[1], [2]])
      const left: Array<Duration.Duration> = []
      const cleans = Effect.ensuring(
        Effect.never,
        Effect.map(Deadline.remaining, (time) => left.push(time))
      )
      yield* after("1 second", Task.collect([cleans], { within: "1 second" }))
      assert.deepStrictEqual(left, [Duration.infinity])
    })
  )

  it.effect(
    "TSK14: interrupting collect interrupts all, logs what it held, and keeps the rest",
    () =>
      Effect.gen(function* () {
        const { parked } = yield* makeLog
        const tasks = [Effect.fail("early"), parked("a", Effect.fail("late"))]
        const { lines, value } = yield* logged(
          interrupted(Task.collect(tasks, { within: "1 second" }))
        )
        assert.deepStrictEqual(value, ["Interrupt", "Die:late"])
        assert.deepStrictEqual(lines, [
          ["Error", "An interrupted collect drops failures", "Fail:early"]
        ])
      })
  )

  it.effect("TSK15: a negative time or a wrong concurrency is a defect with the value in it", () =>
    Effect.gen(function* () {
      const duration = Duration.seconds(-1)
      const defects = [
        [
          Task.collect([], { within: duration }),
          new Deadline.NegativeDuration({ option: "within", duration })
        ],
        [
          Task.collect([], { within: 1, concurrency: 0 }),
          new Task.InvalidConcurrency({ concurrency: 0 })
        ],
        [
          Task.wait([], { until: "all", timeout: duration }),
          new Deadline.NegativeDuration({ option: "timeout", duration })
        ]
      ] as const
      for (const [effect, defect] of defects as ReadonlyArray<
        readonly [Effect.Effect<unknown>, unknown]
      >) {
        assert.deepStrictEqual(yield* Effect.exit(effect), Exit.die(defect))
      }
    })
  )
})

describe("Task.race", () => {
  it.effect("TSK16: the first to end wins, success or failure, and the others are awaited", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const wins = Effect.as(Effect.yieldNow, "won")
      assert.strictEqual(yield* Task.race([parked("a"), wins, Effect.never]), "won")
      assert.deepStrictEqual(log, ["a", "a cleaned"])
      const fails = Effect.andThen(Effect.yieldNow, Effect.fail("lost"))
      assert.deepStrictEqual(yield* Effect.exit(Task.race([parked("b"), fails])), Exit.fail("lost"))
      assert.deepStrictEqual(yield* causeOf(Task.race([Effect.interrupt, wins])), ["Interrupt"])
    })
  )

  it.effect("TSK16: a contender that ends at once keeps the later ones from starting", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      assert.strictEqual(yield* Task.race([Effect.succeed(1), Effect.as(say("late"), 2)]), 1)
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("TSK17: a failing cleanup of a loser fails the race, with all causes", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const loser = parked("a", Effect.die("bug"))
      const wins = Effect.as(Effect.yieldNow, "won")
      assert.deepStrictEqual(yield* causeOf(Task.race([loser, wins])), ["Die:bug"])
      const fails = Effect.andThen(Effect.yieldNow, Effect.fail("lost"))
      assert.deepStrictEqual(yield* causeOf(Task.race([loser, fails])), ["Fail:lost", "Die:bug"])
      assert.deepStrictEqual(yield* interrupted(Task.race([loser])), ["Interrupt", "Die:bug"])
    })
  )

  it.effect("TSK18: a race of nothing is a defect, not a wait without end", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Task.race<Effect.Effect<void>>([]))
      assert.deepStrictEqual(exit, Exit.die(new Task.NoEffects()))
    })
  )
})

describe("Task.wait", () => {
  const setup = Effect.gen(function* () {
    const [a, b, c] = [yield* Latch.make(), yield* Latch.make(), yield* Latch.make()]
    const fibers = {
      ok: yield* started(Effect.as(a.await, "ok")),
      failing: yield* started(Effect.andThen(b.await, Effect.fail("failing"))),
      cut: yield* started(Effect.andThen(c.await, Effect.interrupt))
    }
    const names = ({ done, pending }: Task.Waited<object>) =>
      [done, pending].map((list) =>
        list.map((fiber) => Object.entries(fibers).find(([, known]) => known === fiber)?.[0])
      )
    return { a, b, c, fibers, names, all: [fibers.ok, fibers.failing, fibers.cut] }
  })

  it.effect(
    "TSK19: `first` returns once one has ended, in argument order, and cancels nothing",
    () =>
      Effect.gen(function* () {
        const { a, all, b, c, fibers, names } = yield* setup
        const waiting = yield* started(Task.wait(all, { until: "first" }))
        yield* c.open
        assert.deepStrictEqual(names(yield* Fiber.join(waiting)), [["cut"], ["ok", "failing"]])
        yield* Effect.andThen(a.open, b.open)
        assert.strictEqual(yield* Fiber.join(fibers.ok), "ok")
        const error = yield* Effect.flip(Fiber.join(fibers.failing))
        assert.strictEqual(error, "failing")
      })
  )

  it.effect("TSK19: `firstFailure` waits for a failure; an interrupt is none", () =>
    Effect.gen(function* () {
      const { a, all, b, c, names } = yield* setup
      const waiting = yield* started(Task.wait(all, { until: "firstFailure" }))
      yield* Effect.andThen(a.open, c.open)
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* b.open
      assert.deepStrictEqual(names(yield* Fiber.join(waiting)), [["ok", "failing", "cut"], []])
    })
  )

  it.effect("TSK19: `all` waits for all; fibers that have ended, or none, are no wait", () =>
    Effect.gen(function* () {
      const { a, all, b, c, names } = yield* setup
      const waiting = yield* started(Task.wait(all, { until: "all" }))
      yield* Effect.andThen(b.open, Effect.andThen(a.open, c.open))
      assert.deepStrictEqual(names(yield* Fiber.join(waiting)), [["ok", "failing", "cut"], []])
      for (const until of ["first", "firstFailure", "all"] as const) {
        assert.deepStrictEqual(names(yield* Task.wait(all, { until })), [
          ["ok", "failing", "cut"],
          []
        ])
        assert.deepStrictEqual(yield* Task.wait([], { until }), { done: [], pending: [] })
      }
    })
  )

  it.effect("TSK20: at its timeout wait returns what has ended, and leaves no timer", () =>
    Effect.gen(function* () {
      const { a, all, names } = yield* setup
      const { left, value } = yield* leftovers(
        after("2 seconds", Task.wait(all, { until: "first", timeout: "2 seconds" }))
      )
      assert.deepStrictEqual([names(value), left.timers], [[[], ["ok", "failing", "cut"]], 0])
      yield* a.open
      const polled = yield* Task.wait(all, { until: "all", timeout: 0 })
      assert.deepStrictEqual(names(polled), [["ok"], ["failing", "cut"]])
    })
  )

  it.effect(
    "TSK21: done holds whatever ended in the same turn, and a fiber given twice counts once",
    () =>
      Effect.gen(function* () {
        const { a, all, b, names } = yield* setup
        const waiting = yield* started(Task.wait([...all, ...all], { until: "first" }))
        yield* a.open
        yield* b.open
        assert.deepStrictEqual(names(yield* Fiber.join(waiting)), [["ok", "failing"], ["cut"]])
      })
  )

  it.effect("TSK22: 20,000 waiters on one fiber can give up without a search for each", () =>
    Effect.gen(function* () {
      const fiber = yield* started(Effect.never)
      const calls = { added: 0, removed: 0, woken: 0 }
      const addObserver = fiber.addObserver
      Object.assign(fiber, {
        addObserver: (observer: Parameters<typeof addObserver>[0]) => {
          calls.added++
          const remove = addObserver.call(fiber, observer)
          return () => {
            calls.removed++
            remove()
          }
        }
      })
      const base = new Scheduler.MixedScheduler()
      const counting: Scheduler.Scheduler = {
        executionMode: "async",
        shouldYield: (fiber) => base.shouldYield(fiber),
        makeDispatcher: () => {
          const dispatcher = base.makeDispatcher()
          const scheduleTask = dispatcher.scheduleTask.bind(dispatcher)
          return Object.assign(dispatcher, {
            scheduleTask: (task: () => void, priority: number) => {
              calls.woken++
              scheduleTask(task, priority)
            }
          })
        }
      }
      const waits = Array.from({ length: 20_000 }, () => Task.wait([fiber], { until: "all" }))
      const gather = yield* started(Task.gather(waits)).pipe(
        Effect.provideService(Scheduler.Scheduler, counting)
      )
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      yield* Fiber.interrupt(gather)
      assert.deepStrictEqual([calls.added, calls.removed], [1, 0])
      // Who has given up is not woken when the fiber ends.
      calls.woken = 0
      yield* Fiber.interrupt(fiber)
      assert.isBelow(calls.woken, 10)
    })
  )
})

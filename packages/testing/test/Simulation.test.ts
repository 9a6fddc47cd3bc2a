import { assert, describe, it } from "@effect/vitest"
import {
  Clock,
  type Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Latch,
  Random,
  Schedule,
  Stream
} from "effect"
import { Stepwise } from "@fibra/tasks"
import { TestClock } from "effect/testing"
import * as Simulation from "@fibra/testing/Simulation"

/** Four tasks that take turns; the result says in which order. */
const fourTasks = Effect.gen(function* () {
  const log: Array<string> = []
  const task = (name: string) =>
    Effect.forEach([1, 2, 3], () =>
      Effect.andThen(
        Effect.sync(() => log.push(name)),
        Effect.sleep(10)
      )
    )
  yield* Effect.forEach(["a", "b", "c", "d"], task, { concurrency: 4, discard: true })
  return log.join("")
})

/** The results of seeds 1 to `seeds`. */
const valuesOf = <A, E>(
  program: Effect.Effect<A, E>,
  seeds: number,
  options?: Omit<Simulation.Options, "seed">
) =>
  Effect.forEach(
    Array.from({ length: seeds }, (_, index) => index + 1),
    (seed) => Effect.flatMap(Simulation.run(program, { ...options, seed }), ({ exit }) => exit)
  )

describe("Simulation: schedules", () => {
  it.effect("SIM1: a hundred runs of a seed are the same, whatever ran before them", () =>
    Effect.gen(function* () {
      const { leftovers: _, ...first } = yield* Simulation.run(fourTasks, { seed: 7 })
      assert.isTrue(Exit.isSuccess(first.exit))
      for (let round = 0; round < 100; round++) {
        yield* Effect.forkChild(Effect.void)
        assert.deepInclude(yield* Simulation.run(fourTasks, { seed: 7 }), first)
      }
    })
  )

  it.effect("SIM21: a program is asked to make each step a task of its own", () =>
    Effect.gen(function* () {
      const { exit } = yield* Simulation.run(Stepwise.Stepwise, { seed: 1 })
      assert.deepStrictEqual(exit, Exit.succeed(true))
    })
  )

  it.effect("SIM1: equal trace hashes are those of equal schedules", () =>
    Effect.gen(function* () {
      // Which fiber is next differs, and at which of its operations it is paused.
      const program = Effect.gen(function* () {
        const log: Array<string> = []
        const write = (letters: string) =>
          Effect.forEach([...letters], (letter) => Effect.sync(() => log.push(letter)))
        yield* Effect.all([write("abc"), write("ABC")].map(Effect.delay(1)), { concurrency: 2 })
        return log.join("")
      })
      const orders = new Map<string, string>()
      for (let seed = 1; seed <= 300; seed++) {
        const { exit, traceHash } = yield* Simulation.run(program, { seed, preemption: 0.1 })
        const order = orders.get(traceHash) ?? (yield* exit)
        assert.deepStrictEqual(exit, Exit.succeed(order))
        orders.set(traceHash, order)
      }
      assert.isAtLeast(new Set(orders.values()).size, 10)
      // When it is, too.
      const sleep = Effect.flatMap(Random.nextIntBetween(1, 1e6), Effect.sleep)
      const plain = { seeds: 20, preemption: 0, order: "scheduled" } as const
      assert.strictEqual((yield* Simulation.explore(sleep, plain)).schedules, 20)
    })
  )

  it.effect("SIM2: a thousand seeds give more than 500 schedules of four tasks", () =>
    Effect.gen(function* () {
      const { runs, schedules } = yield* Simulation.explore(fourTasks, { seeds: 1000 })
      assert.strictEqual(runs, 1000)
      assert.isAtLeast(schedules, 500)
      const orders = new Set(yield* valuesOf(fourTasks, 200))
      assert.isAtLeast(orders.size, 100)
    })
  )

  it.effect(
    "SIM3: without pauses and in the order of scheduling, every seed runs the plain one",
    () =>
      Effect.gen(function* () {
        const { schedules } = yield* Simulation.explore(fourTasks, {
          seeds: 20,
          preemption: 0,
          order: "scheduled"
        })
        assert.strictEqual(schedules, 1)
        const plain = yield* Simulation.run(fourTasks, { seed: "1:" })
        const scheduled = { seed: 1, preemption: 0, order: "scheduled" } as const
        assert.deepStrictEqual(plain, yield* Simulation.run(fourTasks, scheduled))
        assert.deepStrictEqual(plain.exit, Exit.succeed("abcdabcdabcd"))
        assert.deepStrictEqual(plain.schedule, [])
      })
  )

  it.effect("SIM4: a fiber is paused before any operation but the first after it woke", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const letters = (text: string) =>
        Effect.forEach([...text], (letter) => Effect.sync(() => log.push(letter)))
      const program = Effect.all([letters("ab"), letters("xy")], { concurrency: 2 })
      const { exit, schedule } = yield* Simulation.run(program, {
        seed: 1,
        preemption: 1,
        order: "scheduled"
      })
      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(log.join(""), "axby")
      assert.isTrue(schedule.every(({ kind }) => kind === "pause"))
      const places = schedule.map(({ at, fiber }) => `${fiber}.${at}`)
      assert.strictEqual(new Set(places).size, places.length)
    })
  )

  it.effect("SIM4: a fiber that is interrupted before it starts does not start", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const log: Array<string> = []
        const fiber = yield* Effect.forkChild(Effect.sync(() => log.push("start")))
        log.push("interrupt")
        fiber.interruptUnsafe()
        yield* Fiber.await(fiber)
        return log.join(", ")
      })
      const logs = new Set(yield* valuesOf(program, 100, { order: "scheduled" }))
      assert.sameMembers([...logs], ["interrupt", "start, interrupt"])
    })
  )

  it.effect("SIM5: a long computation lets others run even when nobody is paused", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        let isDone = false
        const spin = Effect.whileLoop({
          while: () => !isDone,
          body: () => Effect.void,
          step: () => {}
        })
        const done = Effect.sync(() => (isDone = true))
        yield* Effect.all([spin, done], { concurrency: 2 })
      })
      const { exit } = yield* Simulation.run(program, { seed: 1, preemption: 0 })
      assert.isTrue(Exit.isSuccess(exit))
    })
  )

  it.effect("SIM6: random numbers come from the seed", () =>
    Effect.gen(function* () {
      const numbers = Effect.all([Random.next, Random.nextInt, Random.nextIntBetween(1, 6)])
      const values = yield* valuesOf(numbers, 50)
      assert.deepStrictEqual(values, yield* valuesOf(numbers, 50, { preemption: 0 }))
      assert.strictEqual(new Set(values.map(String)).size, 50)
      for (const [next, int] of values) {
        assert.isTrue(next >= 0 && next < 1 && Number.isSafeInteger(int))
      }
      assert.isTrue(values.some(([, int]) => int < -(2 ** 40)))
      assert.isTrue(values.some(([, int]) => int > 2 ** 40))
    })
  )

  it.effect.each([
    { seed: -1 },
    { seed: 0.5 },
    { seed: 2 ** 32 },
    { seed: "x" },
    { seed: "1:p1" },
    { seed: "1:o1.2" },
    { seed: "1:p1.2,," },
    { seed: 1, preemption: 1.1 },
    { seed: 1, preemption: Number.NaN },
    { seed: 1, stepsMax: 0 },
    { seed: 1, interruptAt: 0 }
  ])("SIM7: %j is a defect that says what to give", (options) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Simulation.run(Effect.void, options))
      assert.include(String(exit), "OptionOutOfRange")
      assert.include(String(exit), "give ")
    })
  )
})

describe("Simulation: time", () => {
  it.effect("SIM8: 5,000 fibers sleep through 24 hours", () =>
    Effect.gen(function* () {
      const day = Effect.gen(function* () {
        for (let hour = 0; hour < 24; hour += 4) yield* Effect.sleep("4 hours")
      })
      const program = Effect.forEach(Array.from({ length: 5000 }), () => day, {
        concurrency: "unbounded",
        discard: true
      })
      const { exit, virtualTime } = yield* Simulation.run(program, { seed: 1 })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(virtualTime, Duration.hours(24))
    })
  )

  it.effect("SIM8: the clock stands still while something can run", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const sleeper = yield* Effect.forkChild(Effect.sleep(1), { startImmediately: true })
        for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
        const before = yield* Clock.currentTimeMillis
        yield* Fiber.join(sleeper)
        yield* Effect.sleep("0.5 millis")
        return [before, yield* Clock.currentTimeMillis, yield* Clock.currentTimeNanos]
      })
      for (const times of yield* valuesOf(program, 50)) {
        assert.deepStrictEqual(times, [0, 1.5, 1_500_000n])
      }
    })
  )

  it.effect("SIM9: timers that are due together fire in every order, others in that of time", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const log: Array<string> = []
        const sleep = (name: string, millis: number) =>
          Effect.andThen(
            Effect.sleep(millis),
            Effect.sync(() => log.push(name))
          )
        const sleeps = [sleep("c", 2), sleep("x", 1), sleep("y", 1), sleep("z", 1)]
        yield* Effect.all(sleeps, { concurrency: 4 })
        return log.join("")
      })
      const orders = new Set(yield* valuesOf(program, 200, { preemption: 0 }))
      assert.sameMembers([...orders], ["xyzc", "xzyc", "yxzc", "yzxc", "zxyc", "zyxc"])
    })
  )

  it.effect("SIM10: a sleep that is interrupted leaves no timer", () =>
    Effect.gen(function* () {
      const program = Effect.forEach(
        Array.from({ length: 200 }, (_, index) => 1 + ((index * 37) % 200)),
        (hours) => Effect.timeoutOption(Effect.sleep(Duration.hours(hours)), "100 hours"),
        { concurrency: "unbounded" }
      )
      const { exit, leftovers, virtualTime } = yield* Simulation.run(program, { seed: 1 })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(virtualTime, Duration.hours(100))
      assert.deepStrictEqual(leftovers, { fibers: [], timers: [] })
    })
  )

  it.effect("SIM10: timers come in order, whichever of them go, and when", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const times: Array<number> = []
        const random = Random.nextIntBetween(1, 50)
        const sleeper = Effect.flatMap(random, (millis) =>
          Effect.andThen(
            Effect.sleep(millis),
            Effect.map(Clock.currentTimeMillis, (now) => {
              assert.strictEqual(now, millis)
              times.push(now)
            })
          )
        )
        const fibers = yield* Effect.forEach(Array.from({ length: 100 }), () =>
          Effect.forkChild(sleeper, { startImmediately: true })
        )
        yield* Effect.forEach(
          fibers,
          (fiber, index) =>
            index % 2 === 0 ? Effect.delay(Fiber.interrupt(fiber), index % 50) : Fiber.join(fiber),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          times,
          times.toSorted((a, b) => a - b)
        )
        return times.length
      })
      for (const woken of yield* valuesOf(program, 30)) assert.isAtLeast(woken, 50)
    })
  )

  it.effect("SIM11: schedules, streams, a flush and a clock of its own work inside", () =>
    Effect.gen(function* () {
      const retried = Effect.retry(Effect.fail("no"), {
        schedule: Schedule.spaced("1 day"),
        times: 3
      })
      const { virtualTime } = yield* Simulation.run(retried, { seed: 1 })
      assert.deepStrictEqual(virtualTime, Duration.days(3))

      const stream = Stream.range(1, 20).pipe(
        Stream.mapEffect((value) => Effect.as(Effect.sleep(value % 3), value * 2), {
          concurrency: 4
        }),
        Stream.buffer({ capacity: 2 }),
        Stream.runFold(
          () => 0,
          (sum, value) => sum + value
        )
      )
      assert.deepStrictEqual(new Set(yield* valuesOf(stream, 20)), new Set([420]))

      const flushed = Effect.gen(function* () {
        let hasRun = false
        yield* Effect.forkChild(Effect.sync(() => (hasRun = true)))
        return yield* Effect.withFiberSucceed(({ currentDispatcher }) => {
          currentDispatcher.flush()
          return hasRun
        })
      })
      assert.deepStrictEqual(new Set(yield* valuesOf(flushed, 20)), new Set([true]))

      const adjusted = Effect.gen(function* () {
        const sleeper = yield* Effect.forkChild(Effect.sleep("1 hour"))
        yield* TestClock.adjust("2 hours")
        yield* Fiber.join(sleeper)
        return yield* Clock.currentTimeMillis
      }).pipe(Effect.provide(TestClock.layer()))
      assert.deepStrictEqual(new Set(yield* valuesOf(adjusted, 20)), new Set([7_200_000]))
    })
  )
})

describe("Simulation: inside and outside", () => {
  it.effect("SIM12: promises that need microtasks only are settled before time passes", () =>
    Effect.gen(function* () {
      const steps = async (count: number) => {
        for (let step = 0; step < count; step++) await Promise.resolve()
        return count
      }
      const program = Effect.gen(function* () {
        const counts = yield* Effect.forEach(
          [100, 1, 10],
          (count) => Effect.promise(() => steps(count)),
          {
            concurrency: 3
          }
        )
        yield* Effect.promise(() => steps(5))
        return [counts, yield* Clock.currentTimeMillis]
      }).pipe(Effect.race(Effect.sleep(1)))
      const first = yield* Simulation.run(program, { seed: 3 })
      assert.deepStrictEqual(first.exit, Exit.succeed([[100, 1, 10], 0]))
      for (let round = 0; round < 20; round++) {
        assert.deepStrictEqual(yield* Simulation.run(program, { seed: 3 }), first)
      }
    })
  )

  it.effect("SIM12: a promise is settled while another fiber never stops running", () =>
    Effect.gen(function* () {
      const spin = Effect.forever(Effect.yieldNow)
      const settled = Effect.promise(async () => "settled")
      const options = { seed: 1, stepsMax: 20_000 }
      const { exit } = yield* Simulation.run(Effect.race(spin, settled), options)
      assert.deepStrictEqual(exit, Exit.succeed("settled"))
    })
  )

  it.effect("SIM13: a nested run is inside with the services of the program, else outside", () =>
    Effect.gen(function* () {
      const sleep = Effect.andThen(Effect.sleep("1 hour"), Clock.currentTimeMillis)
      const nested = Effect.contextWith((services: Context.Context<never>) =>
        Effect.promise(() => Effect.runPromiseWith(services)(sleep))
      )
      assert.deepStrictEqual(yield* valuesOf(nested, 3), [3_600_000, 3_600_000, 3_600_000])
      const sync = Effect.sync(() => Effect.runSync(Effect.as(Effect.yieldNow, "done")))
      assert.deepStrictEqual(yield* valuesOf(sync, 3), ["done", "done", "done"])
      const sleeps = Effect.all(
        Array.from({ length: 20 }, () => Effect.sleep(20)),
        { concurrency: 20 }
      )
      const outside = Effect.promise(() => Effect.runPromise(sleeps))
      const { deadlock } = yield* Simulation.run(outside, { seed: 1 })
      assert.include(deadlock!.outside, "Timeout")
    })
  )

  it.live("SIM14: interrupting a run interrupts its program, and its finalizers run", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const started = yield* Latch.make()
      const program = Effect.forever(Effect.andThen(started.open, Effect.sleep(1))).pipe(
        Effect.onInterrupt(() =>
          Effect.andThen(
            Effect.sleep("1 hour"),
            Effect.sync(() => log.push("finalized"))
          )
        )
      )
      const running = yield* Effect.forkChild(Simulation.run(program, { seed: 1, stepsMax: 1e9 }))
      yield* started.await
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(log, ["finalized"])
    })
  )

  it.live("SIM14: what the outside resumes after a run still ends", () =>
    Effect.gen(function* () {
      const { promise, resolve } = Promise.withResolvers<void>()
      const ended = yield* Deferred.make<void>()
      const program = Effect.promise(() => promise).pipe(
        Effect.andThen(Effect.yieldNow),
        Effect.andThen(Deferred.succeed(ended, undefined)),
        Effect.uninterruptible
      )
      const { leftovers } = yield* Simulation.run(program, { seed: 1 })
      assert.deepStrictEqual(leftovers.fibers, ["main"])
      resolve()
      yield* Deferred.await(ended)
    })
  )

  it.effect("SIM14: an error that a task throws is a defect of the run", () =>
    Effect.gen(function* () {
      let isFinalized = false
      const program = Effect.withFiber(({ currentDispatcher }) => {
        currentDispatcher.scheduleTask(() => {
          throw new Error("thrown in a task")
        }, 0)
        return Effect.never
      }).pipe(Effect.onInterrupt(() => Effect.sync(() => (isFinalized = true))))
      const exit = yield* Effect.exit(Simulation.run(program, { seed: 1 }))
      assert.include(String(exit), "thrown in a task")
      assert.isTrue(isFinalized)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Latch, Metric, Scheduler, Scope } from "effect"
import { TestClock } from "effect/testing"
import { TaskGroup } from "@fibra/tasks"
import * as Leaks from "../src/Leaks.ts"
import * as Simulation from "../src/Simulation.ts"

const never = Effect.fn("Poller.poll")(function* () {
  return yield* Effect.never
})

const leftBy = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) =>
  Effect.map(Effect.flip(Leaks.check(effect)), (error) =>
    error instanceof Leaks.LeftBehind ? error : assert.fail(String(error))
  )

describe("Leaks", () => {
  it.effect.each([
    ["nothing is forked", Effect.void],
    ["a child ends with its parent", Effect.forkChild(Effect.never)],
    ["a scoped fiber ends with the scope", Effect.forkScoped(Effect.never)],
    ["a detached fiber ends by itself in the next turn", Effect.forkDetach(Effect.yieldNow)],
    ["a sleep is over", Effect.sleep(0)],
    ["a sleep is interrupted", Effect.timeoutOption(Effect.never, "0 millis")],
    ["siblings are interrupted", Effect.raceFirst(Effect.sleep("1 hour"), Effect.yieldNow)],
    [
      "a detached fiber is interrupted before it starts",
      Effect.flatMap(Effect.forkDetach(Effect.never), Fiber.interrupt)
    ]
  ] as const)("LEAK1: %s, and nothing is left", ([, effect]) => Leaks.check(effect))

  it.effect("LEAK1: the result is that of the effect", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Leaks.check(Effect.succeed(1)), 1)
      assert.deepStrictEqual(yield* Effect.flip(Leaks.check(Effect.fail("no"))), "no")
    })
  )

  it.effect(
    "LEAK2: a fiber that has not ended is named by its function, a timer by its fiber",
    () =>
      Effect.gen(function* () {
        const poller = yield* leftBy(Effect.forkDetach(never()))
        assert.lengthOf(poller.fibers, 1)
        assert.match(poller.fibers[0]!, /^fiber#\d+ in Poller\.poll at .*Leaks\.test\.ts:\d+:\d+$/)
        assert.deepStrictEqual(poller.timers, [])
        assert.include(poller.message, `  ${poller.fibers[0]}, running\n`)

        const sleeper = yield* leftBy(
          Effect.forkDetach(Effect.withSpan(Effect.sleep("1 hour"), "nap"))
        )
        assert.lengthOf(sleeper.fibers, 1)
        assert.match(sleeper.fibers[0]!, /^fiber#\d+ in nap at .*Leaks\.test\.ts:\d+:\d+$/)
        assert.deepStrictEqual(sleeper.timers, sleeper.fibers)
        assert.include(sleeper.message, `  a timer of ${sleeper.fibers[0]}\n`)
      })
  )

  it.effect(
    "LEAK2: a fiber without a function of its own has a number, or the name of its task",
    () =>
      Effect.gen(function* () {
        const number = yield* leftBy(Effect.forkDetach(Effect.never))
        assert.match(number.fibers[0]!, /^fiber#\d+$/)
        const task = TaskGroup.run((group) => group.spawn(Effect.never, { name: "poll" }))
        const { fibers } = yield* leftBy(Effect.forkDetach(task))
        assert.include(fibers, "poll")
      }).pipe(Effect.withSpan("test"))
  )
  it.effect("LEAK2: a sleep that is over, or was interrupted, is no timer", () =>
    Effect.gen(function* () {
      const nap = Effect.raceFirst(Effect.sleep("1 hour"), Effect.yieldNow)
      const { fibers, timers } = yield* leftBy(Effect.forkDetach(Effect.andThen(nap, Effect.never)))
      assert.deepStrictEqual([fibers.length, timers], [1, []])
    })
  )

  it.live("LEAK2: so on the clock of the host, and what is left is interrupted", () =>
    Effect.gen(function* () {
      const interrupted = yield* Latch.make()
      const left = yield* leftBy(
        Effect.sleep("1 hour").pipe(
          Effect.onInterrupt(() => interrupted.open),
          Effect.forkDetach({ startImmediately: true })
        )
      )
      assert.lengthOf(left.timers, 1)
      yield* interrupted.await
    })
  )

  it.effect(
    "LEAK2: fibers in races, loops and groups are seen, also where none may be asked to yield",
    () =>
      Effect.gen(function* () {
        const hidden = Effect.provideService(Effect.never, Scheduler.PreventSchedulerYield, true)
        const left = yield* leftBy(
          Effect.gen(function* () {
            yield* Effect.forkDetach(Effect.all([Effect.never, Effect.never], { concurrency: 2 }))
            yield* Effect.provideService(
              Effect.forkDetach(hidden),
              Scheduler.PreventSchedulerYield,
              true
            )
          })
        )
        const unseen = left.fibers.filter((name) => name === "a fiber that was not seen")
        assert.deepStrictEqual([left.fibers.length, unseen.length], [4, 1])
      })
  )

  it.effect("LEAK3: a failure or an interrupt of the effect is kept beside what it left", () =>
    Effect.gen(function* () {
      const leak = Effect.forkDetach(Effect.never)
      const failed = yield* Effect.exit(Leaks.check(Effect.andThen(leak, Effect.fail("no"))))
      const reasons = Exit.isFailure(failed) ? failed.cause.reasons : []
      assert.deepStrictEqual(
        reasons.map((reason) =>
          Cause.isFailReason(reason) ? String(reason.error).slice(0, 10) : ""
        ),
        ["no", "LeftBehind"]
      )
      const waiting = Effect.onInterrupt(Effect.never, () => Effect.die("cleanup"))
      const fiber = yield* Effect.forkChild(Leaks.check(Effect.andThen(leak, waiting)), {
        startImmediately: true
      })
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasFails(exit.cause))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    })
  )

  it.effect("LEAK4: the clock, the scheduler and the metrics go on as they were", () =>
    Effect.gen(function* () {
      const counts = { started: 0, ended: 0, operations: 0, dispatchers: 0 }
      const metrics: Metric.FiberRuntimeMetricsService = {
        recordFiberStart: () => void counts.started++,
        recordFiberEnd: () => void counts.ended++
      }
      const scheduler = yield* Scheduler.Scheduler
      const counting: Scheduler.Scheduler = {
        executionMode: scheduler.executionMode,
        shouldYield: (fiber) => {
          counts.operations++
          return scheduler.shouldYield(fiber)
        },
        makeDispatcher: () => {
          counts.dispatchers++
          return scheduler.makeDispatcher()
        }
      }
      yield* Effect.gen(function* () {
        const sleeping = yield* Effect.forkChild(Effect.sleep("1 hour"), { startImmediately: true })
        yield* TestClock.adjust("1 hour")
        yield* Fiber.join(sleeping)
        const outside = { ...counts }
        yield* Effect.all(
          Array.from({ length: 50 }, () => Effect.yieldNow),
          { concurrency: 50 }
        )
        for (const count of ["started", "ended", "operations", "dispatchers"] as const) {
          assert.isAtLeast(counts[count], outside[count] + 50, count)
        }
      }).pipe(
        Leaks.check,
        Effect.provideService(Metric.FiberRuntimeMetrics, metrics),
        Effect.provideService(Scheduler.Scheduler, counting)
      )
    })
  )

  it.effect("LEAK5: it works in a simulation, which sees nothing that is left then", () =>
    Effect.gen(function* () {
      const program = Leaks.check(
        Effect.forkDetach(Effect.sleep("1 hour"), { startImmediately: true })
      )
      const { exit, leftovers } = yield* Simulation.run(program, { seed: 1 })
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(error, Leaks.LeftBehind)
      assert.lengthOf(error.timers, 1)
      assert.deepStrictEqual(leftovers, { fibers: [], timers: [] })
    })
  )
})

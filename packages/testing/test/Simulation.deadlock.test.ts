import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Queue, Scheduler } from "effect"
import { Barrier, Lock, Semaphore, Task, Waits, WorkQueue } from "@fibra/tasks"
import * as Simulation from "@fibra/testing/Simulation"
import { planted } from "./support/simPlanted.ts"

/** The deadlock of the first seed that has one, and its message. */
const deadlockOf = <A, E>(program: Effect.Effect<A, E>, options?: Partial<Simulation.Options>) =>
  Effect.gen(function* () {
    for (let seed = 1; seed <= 1000; seed++) {
      const { deadlock, exit } = yield* Simulation.run(program, { seed, ...options })
      if (deadlock !== undefined) return { deadlock, message: messageOf(exit) }
    }
    return yield* Effect.die("no deadlock")
  })

const messageOf = (exit: Exit.Exit<unknown, unknown>): string => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return error instanceof Error ? error.message : ""
}

const nothingLeft = { fibers: [], timers: [] }

describe("Simulation: deadlocks", () => {
  it.effect("SIM15: a cycle is named: who waits for what, and who holds it", () =>
    Effect.gen(function* () {
      const { deadlock, message } = yield* deadlockOf(planted.deadlock)
      const [left, right] = deadlock.cycle
      assert.deepStrictEqual(left, {
        task: "left",
        place: undefined,
        resource: { kind: "Lock", name: "B" },
        holders: ["right"],
        forked: []
      })
      assert.deepStrictEqual(right?.holders, ["left"])
      assert.deepStrictEqual(
        deadlock.waits.map(({ task }) => task),
        ["left", "right", "main"]
      )
      assert.strictEqual(
        message,
        'left waits for Lock "B" held by right; right waits for Lock "A" held by left. ' +
          "Besides, main waits, having forked left, right"
      )
    })
  )

  it.effect("SIM15: a cycle goes through what a task forked, and may have one member", () =>
    Effect.gen(function* () {
      const nested = Effect.gen(function* () {
        const lock = yield* Lock.make({ name: "state" })
        const inner = Task.named("inner")(lock.withLock(Effect.void))
        yield* Task.named("outer")(lock.withLock(Effect.all([inner, inner], { concurrency: 2 })))
      })
      assert.strictEqual(
        (yield* deadlockOf(nested)).message.split(". ")[0],
        "outer waits, having forked outer/inner (fiber 1.1), outer/inner (fiber 1.2); " +
          'outer/inner (fiber 1.1) waits for Lock "state" held by outer'
      )
      const twice = Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(1, { name: "disk" })
        yield* semaphore.withPermit(semaphore.withPermit(Effect.void))
      })
      assert.strictEqual(
        (yield* deadlockOf(twice)).message,
        'main waits for Semaphore "disk" held by main'
      )
    })
  )

  it.effect("SIM15: waits without a cycle are named too", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const [barrier, queue] = [
          yield* Barrier.make(3),
          yield* WorkQueue.make({ capacity: 1, name: "jobs" })
        ]
        yield* Effect.all([Task.named("taker")(queue.take), Task.named("party")(barrier.await)], {
          concurrency: 2
        })
      })
      const { deadlock, message } = yield* deadlockOf(program)
      assert.deepStrictEqual(deadlock.cycle, [])
      assert.include(message, 'taker waits for WorkQueue.take "jobs"')
      assert.include(message, "party waits for Barrier")
    })
  )

  it.effect("SIM16: of a wait of Effect's own, the place and the forked tasks are told", () =>
    Effect.gen(function* () {
      const load = Effect.fn("load")(function* () {
        yield* Deferred.await(yield* Deferred.make<void>())
      })
      const spanned = Effect.flatMap(Queue.unbounded<void>(), Queue.take).pipe(
        Effect.withSpan("poll")
      )
      const { deadlock, message } = yield* deadlockOf(
        Effect.all([load(), spanned], { concurrency: 2 })
      )
      assert.deepStrictEqual(
        deadlock.waits.map(({ forked, place, task }) => [task, place, ...forked]),
        [
          ["main", undefined, "fiber 1.1", "fiber 1.2"],
          ["fiber 1.1", "load"],
          ["fiber 1.2", "poll"]
        ]
      )
      assert.include(message, "fiber 1.1 waits for an Effect.callback in load")
      assert.include(
        message,
        "is a Deferred, a Queue, a fiber or anything else that Effect waits for"
      )
    })
  )

  it.effect(
    "SIM16: a task that waited for a primitive before, and one that starts later, too",
    () =>
      Effect.gen(function* () {
        const program = Effect.gen(function* () {
          const lock = yield* Lock.make()
          const holder = yield* Effect.forkChild(lock.withLock(Effect.sleep(1)))
          yield* Effect.sleep(0.5)
          yield* lock.withLock(Effect.void)
          yield* Fiber.join(holder)
          return yield* Fiber.join(yield* Effect.forkChild(Effect.never))
        })
        const { message } = yield* deadlockOf(program)
        assert.match(
          message,
          /^main waits, having forked (fiber 1.2); \1 waits for an Effect.callback\./
        )
      })
  )

  it.effect("SIM16: what the process has opened is told", () =>
    Effect.gen(function* () {
      // Many, because others may close a timer of theirs at the same time.
      const timers = Effect.callback<void>((resume) => {
        const all = Array.from({ length: 20 }, () => setTimeout(() => resume(Effect.void), 1000))
        return Effect.sync(() => all.forEach(clearTimeout))
      })
      const { deadlock, message } = yield* deadlockOf(timers)
      assert.include(deadlock.outside, "Timeout")
      assert.match(message, /The process has opened .*Timeout.*: what waits for that/)
    })
  )

  it.effect("SIM16: what surrounds the run is no name of what is in it", () =>
    Effect.gen(function* () {
      const suite = Effect.fn("suite")(function* () {
        const inner = Effect.fn(function* () {
          return yield* Effect.never
        })
        return yield* deadlockOf(Effect.all([Effect.never, inner()], { concurrency: 2 }))
      })
      const { deadlock } = yield* suite().pipe(Effect.withSpan("test"), Task.named("file"))
      assert.deepStrictEqual(
        deadlock.waits.map(({ place, task }) => [task, place]),
        [
          ["main", undefined],
          ["fiber 1.1", undefined],
          ["fiber 1.2", undefined]
        ]
      )
    })
  )

  it.effect("SIM15: of many who wait, ten are shown", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const lock = yield* Lock.make({ name: "L" })
        const waiting = Array.from({ length: 15 }, () =>
          Task.named("w")(lock.withLock(Effect.void))
        )
        yield* lock.withLock(Effect.all(waiting, { concurrency: "unbounded" }))
      })
      const { deadlock, message } = yield* deadlockOf(program)
      assert.strictEqual(deadlock.waits.length, 16)
      assert.strictEqual(message.split('waits for Lock "L" held by main').length - 1, 11)
      assert.include(message, "; 4 more wait")
    })
  )

  it.effect(
    "SIM15: a cycle of holders goes before one that is likely, and a holder may have ended",
    () =>
      Effect.gen(function* () {
        const ended = Effect.withFiber((fiber) => {
          const resource = Waits.resource({ kind: "Ticket", holders: () => [fiber] })
          return Effect.succeed(resource)
        })
        const waitFor = (resource: Waits.Resource) =>
          Effect.withFiber((fiber) => {
            fiber.getRef(Waits.Observer)?.waiting(fiber, resource)
            return Effect.never
          })
        const program = Effect.gen(function* () {
          const main = yield* Lock.make({ name: "M" })
          const ticket = yield* Fiber.join(yield* Effect.forkChild(ended))
          const waits = waitFor(ticket).pipe(Task.named("parent"))
          const parent = Effect.andThen(Effect.forkChild(Effect.never), waits)
          const child = main.withLock(Effect.void)
          const inner = Effect.all([child, planted.deadlock, parent], { concurrency: 3 })
          yield* main.withLock(inner)
        })
        const options = { preemption: 1, order: "scheduled" } as const
        const { deadlock } = yield* deadlockOf(program, options)
        const parent = deadlock.waits.find(({ task }) => task === "parent")
        assert.deepStrictEqual(parent?.holders, ["a task that has ended"])
        assert.deepStrictEqual(parent?.forked, [])
        assert.sameMembers(
          deadlock.cycle.map(({ task }) => task),
          ["left", "right"]
        )
      })
  )

  it.effect("SIM17: a program that cannot go on is interrupted, and its finalizers run", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const program = Effect.never.pipe(
        Effect.onInterrupt(() =>
          Effect.gen(function* () {
            yield* Effect.sleep("1 minute")
            log.push("cleaned")
            return yield* Effect.die("cleanup failed")
          })
        )
      )
      const { exit, leftovers, virtualTime } = yield* Simulation.run(program, { seed: 1 })
      assert.deepStrictEqual(log, ["cleaned"])
      assert.include(String(exit), "Deadlocked")
      assert.include(String(exit), "cleanup failed")
      assert.strictEqual(String(virtualTime), "0 millis")
      assert.deepStrictEqual(leftovers, nothingLeft)
      const stuck = yield* Simulation.run(Effect.uninterruptible(Effect.never), { seed: 1 })
      assert.include(String(stuck.exit), "Deadlocked")
      assert.deepStrictEqual(stuck.leftovers, { fibers: ["main"], timers: [] })
    })
  )

  it.effect("SIM18: a livelock ends at the limit of steps, and those who ran are named", () =>
    Effect.gen(function* () {
      const spin = Effect.forever(Effect.yieldNow)
      const program = Effect.all([Task.named("a")(spin), Task.named("b")(spin), Effect.never], {
        concurrency: 3
      })
      const { exit, leftovers, steps } = yield* Simulation.run(program, {
        seed: 1,
        stepsMax: 30_000
      })
      assert.isAtLeast(steps, 30_000)
      assert.isBelow(steps, 30_100)
      assert.include(messageOf(exit), "did not end within 30000 steps")
      assert.match(messageOf(exit), /running: (a, b|b, a)\. If that is no livelock, raise stepsMax/)
      assert.deepStrictEqual(leftovers, nothingLeft)
      const busy = Effect.forever(Effect.void)
      const loop: Effect.Effect<void> = Effect.suspend(() =>
        Effect.andThen(
          Effect.sync(() => 1),
          loop
        )
      )
      const unlimited = Effect.provideService(loop, Scheduler.MaxOpsBeforeYield, 1e9)
      const never = yield* Simulation.run(unlimited, { seed: 1, preemption: 0, stepsMax: 1000 })
      assert.include(messageOf(never.exit), "running: main")
      const alone = yield* Simulation.run(busy, { seed: 1, preemption: 0, stepsMax: 1000 })
      assert.include(messageOf(alone.exit), "running: main")
      const tasks = Effect.withFiber(({ currentDispatcher }) => {
        const again = () => currentDispatcher.scheduleTask(again, 0)
        again()
        return Effect.never
      })
      assert.include(
        messageOf((yield* Simulation.run(tasks, { seed: 1, stepsMax: 1000 })).exit),
        "1000 steps"
      )
    })
  )

  it.effect("SIM18: a deadlock behind a poller is in that report", () =>
    Effect.gen(function* () {
      const poll = Effect.forever(Effect.sleep("1 second")).pipe(Task.named("poller"))
      const program = Effect.gen(function* () {
        yield* Effect.forkChild(poll)
        yield* planted.deadlock
      })
      const messages = yield* Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (seed) =>
        Effect.map(Simulation.run(program, { seed, stepsMax: 5000 }), ({ exit }) => messageOf(exit))
      )
      assert.include(
        messages,
        "did not end within 5000 steps; running: poller. Besides, deadlock: " +
          'left waits for Lock "B" held by right; right waits for Lock "A" held by left'
      )
    })
  )
})

describe("Simulation: leftovers", () => {
  it.effect("SIM19: fibers and timers that the program left are named, and interrupted", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const leave = (name: string, body: Effect.Effect<void>) =>
        Effect.onExit(body, () => Effect.sync(() => log.push(name))).pipe(
          Task.named(name),
          Effect.forkDetach
        )
      const program = Effect.gen(function* () {
        yield* leave("poller", Effect.sleep("1 hour"))
        yield* leave("stuck", Effect.never)
        yield* leave("spinning", Effect.forever(Effect.yieldNow))
        yield* leave("ending", Effect.yieldNow)
        yield* leave(
          "promised",
          Effect.promise(async () => undefined)
        )
        return "done"
      })
      const { exit, leftovers, virtualTime } = yield* Simulation.run(program, { seed: 1 })
      assert.deepStrictEqual(exit, Exit.succeed("done"))
      assert.strictEqual(String(virtualTime), "0 millis")
      assert.sameMembers([...leftovers.fibers], ["poller", "stuck", "spinning"])
      assert.deepStrictEqual(leftovers.timers, ["poller"])
      assert.sameMembers(log, ["poller", "stuck", "spinning", "ending", "promised"])
    })
  )

  it.effect("SIM19: a fiber that was forked last of all runs first", () =>
    Effect.gen(function* () {
      let hasRun = false
      const program = Effect.forkDetach(Effect.sync(() => (hasRun = true)))
      const { leftovers } = yield* Simulation.run(program, { seed: 1 })
      assert.deepStrictEqual(leftovers, nothingLeft)
      assert.isTrue(hasRun)
    })
  )
})

describe("Simulation: interrupts", () => {
  /** Suspends by yielding, and by waiting for another fiber, promises and time. */
  const suspending = (log: Array<string>) =>
    Effect.gen(function* () {
      log.push("yield")
      yield* Effect.yieldNow
      log.push("join")
      yield* Fiber.join(yield* Effect.forkChild(Effect.void))
      log.push("promise")
      yield* Effect.promise(async () => undefined)
      log.push("next promise")
      yield* Effect.promise(async () => undefined)
      log.push("sleep")
      yield* Effect.sleep(1)
      log.push("end")
    })

  it.effect("SIM20: an interrupt comes at each suspension, by yielding and by waiting", () =>
    Effect.gen(function* () {
      const plain = { seed: 1, preemption: 0, order: "scheduled" } as const
      const { suspensions } = yield* Simulation.run(suspending([]), plain)
      const ends: Array<string | undefined> = []
      for (let at = 1; at <= suspensions; at++) {
        const log: Array<string> = []
        const { exit } = yield* Simulation.run(suspending(log), { ...plain, interruptAt: at })
        assert.isTrue(Exit.hasInterrupts(exit))
        ends.push(log.at(-1))
      }
      assert.deepStrictEqual(
        [...new Set(ends)],
        ["yield", "join", "promise", "next promise", "sleep"]
      )
      const log: Array<string> = []
      const past = { ...plain, interruptAt: suspensions + 1 }
      assert.isTrue(Exit.isSuccess((yield* Simulation.run(suspending(log), past)).exit))
      assert.strictEqual(log.at(-1), "end")
    })
  )

  it.effect("SIM20: also between the end of a promise and what follows it", () =>
    Effect.gen(function* () {
      const program = Effect.andThen(
        Effect.promise(async () => undefined),
        Effect.sleep(1)
      )
      // Waiting for the promise, for its turn, and for time to pass.
      const { suspensions } = yield* Simulation.run(program, { seed: "1:" })
      assert.strictEqual(suspensions, 3)
    })
  )

  it.effect("SIM20: with a pause everywhere, an interrupt comes before each operation", () =>
    Effect.gen(function* () {
      const options = { seed: 1, preemption: 1, order: "scheduled" } as const
      const count = (log: Array<number>) =>
        Effect.forEach([1, 2, 3, 4], (value) => Effect.sync(() => log.push(value)))
      const { suspensions } = yield* Simulation.run(count([]), options)
      const lengths = yield* Effect.forEach(
        Array.from({ length: suspensions }, (_, index) => index + 1),
        (interruptAt) =>
          Effect.suspend(() => {
            const log: Array<number> = []
            return Effect.as(Simulation.run(count(log), { ...options, interruptAt }), log)
          })
      )
      assert.deepStrictEqual([...new Set(lengths.map(({ length }) => length))], [0, 1, 2, 3, 4])
    })
  )
})

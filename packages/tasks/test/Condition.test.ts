import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import { Condition, Lock, Waits } from "@fibra/tasks"
import { CurrentTaskName } from "../src/internal/taskName.ts"

// `waiter` starts a task that waits for the condition, and logs its name when it has the lock again.
const setup = Effect.gen(function* () {
  const lock = yield* Lock.make({ name: "ledger" })
  const condition = yield* Condition.make(lock, { name: "changed" })
  const log: Array<string> = []
  const waiter = (name: string) =>
    condition.await.pipe(
      Effect.andThen(Effect.sync(() => log.push(name))),
      lock.withLock,
      Effect.provideService(CurrentTaskName, name),
      start
    )
  return { lock, condition, log, waiter }
})

const start = Effect.forkChild({ startImmediately: true })

/** Until nothing is left to run but what waits. */
const settle = Effect.repeat(Effect.yieldNow, { times: 10 })
const unheld = { owner: undefined, waiting: 0 }

describe("Condition", () => {
  it.effect("CND1: await gives the lock away, and has it again when it returns", () =>
    Effect.gen(function* () {
      const { condition, lock } = yield* setup
      const owners: Array<string | undefined> = []
      const note = Effect.map(lock.snapshot, ({ owner }) => void owners.push(owner))
      const waiter = yield* note.pipe(
        Effect.andThen(condition.await),
        Effect.andThen(note),
        lock.withLock,
        Effect.provideService(CurrentTaskName, "waiter"),
        start
      )
      yield* note
      yield* lock.withLock(condition.notify())
      yield* Fiber.join(waiter)
      assert.deepStrictEqual(owners, ["waiter", undefined, "waiter"])
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("CND1: a notified waiter waits for the lock as long as the notifier holds it", () =>
    Effect.gen(function* () {
      const { condition, lock, log, waiter } = yield* setup
      const gate = yield* Latch.make()
      yield* waiter("waiter")
      const notifier = yield* condition
        .notify()
        .pipe(
          Effect.andThen(gate.await),
          Effect.andThen(Effect.sync(() => log.push("notifier"))),
          lock.withLock,
          start
        )
      yield* settle
      assert.deepStrictEqual(log, [])
      yield* gate.open
      yield* Fiber.join(notifier)
      yield* settle
      assert.deepStrictEqual(log, ["notifier", "waiter"])
    })
  )

  it.effect("CND2: notify lets the longest waiting go on, notifyAll all, in order", () =>
    Effect.gen(function* () {
      const { condition, lock, log, waiter } = yield* setup
      yield* Effect.forEach(["a", "b", "c", "d", "e", "f"], waiter)
      yield* lock.withLock(condition.notify())
      yield* settle
      assert.deepStrictEqual(log, ["a"])
      yield* lock.withLock(condition.notify(2))
      yield* settle
      assert.deepStrictEqual(log, ["a", "b", "c"])
      yield* lock.withLock(condition.notifyAll)
      yield* waiter("late")
      yield* settle
      assert.deepStrictEqual(log, ["a", "b", "c", "d", "e", "f"])
    })
  )

  it.effect("CND2: more notifications than waiters are not kept for later ones", () =>
    Effect.gen(function* () {
      const { condition, lock, log, waiter } = yield* setup
      yield* waiter("early")
      yield* lock.withLock(condition.notify(100))
      yield* waiter("late")
      yield* settle
      assert.deepStrictEqual(log, ["early"])
    })
  )

  it.effect(
    "CND3: an interrupted waiter has the lock again before its body sees the interrupt",
    () =>
      Effect.gen(function* () {
        const { condition, lock } = yield* setup
        const seen: Array<Lock.Snapshot> = []
        const waiter = yield* condition.await.pipe(
          Effect.onInterrupt(() =>
            Effect.map(lock.snapshot, (snapshot) => void seen.push(snapshot))
          ),
          lock.withLock,
          Effect.provideService(CurrentTaskName, "waiter"),
          start
        )
        const gate = yield* Latch.make()
        const holder = yield* lock.withLock(gate.await).pipe(start)
        waiter.interruptUnsafe()
        yield* settle
        assert.deepStrictEqual(seen, [])
        yield* gate.open
        yield* Fiber.awaitAll([holder, waiter])
        assert.deepStrictEqual(seen, [{ owner: "waiter", waiting: 0 }])
        assert.deepStrictEqual(yield* lock.snapshot, unheld)
      })
  )

  it.effect(
    "CND3: a timeout inside the body ends the wait, and the body goes on with its lock",
    () =>
      Effect.gen(function* () {
        const { condition, lock } = yield* setup
        const body = yield* condition.await.pipe(
          Effect.timeoutOption("1 second"),
          Effect.andThen(lock.snapshot),
          lock.withLock,
          Effect.provideService(CurrentTaskName, "waiter"),
          start
        )
        yield* settle
        assert.deepStrictEqual(yield* lock.snapshot, unheld)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* Fiber.join(body), { owner: "waiter", waiting: 0 })
        assert.deepStrictEqual(yield* lock.snapshot, unheld)
      })
  )

  it.effect("CND4: a notification that meets an interrupt goes to the next waiter", () =>
    Effect.gen(function* () {
      const { condition, lock, log, waiter } = yield* setup
      const [first] = yield* Effect.forEach(["first", "second", "third"], waiter)
      // Notified, it waits for the lock that the notifier holds; there the interrupt meets it.
      yield* lock.withLock(
        Effect.andThen(
          condition.notify(),
          Effect.sync(() => first!.interruptUnsafe())
        )
      )
      yield* settle
      assert.deepStrictEqual(log, ["second"])
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("CND4: also when it had the lock again, but did not run yet", () =>
    Effect.gen(function* () {
      const { condition, lock, log, waiter } = yield* setup
      const [first] = yield* Effect.forEach(["first", "second", "third"], waiter)
      yield* lock.withLock(condition.notify())
      first!.interruptUnsafe()
      yield* settle
      assert.deepStrictEqual(log, ["second"])
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("CND4: also when it yields to others before its first step", () =>
    Effect.gen(function* () {
      const { condition, lock, log, waiter } = yield* setup
      const posted: Array<() => void> = []
      const host = new Scheduler.MixedScheduler("async", (callback) => {
        posted.push(callback)
        return () => {}
      })
      let yields = 0
      host.shouldYield = () => yields-- > 0
      const first = yield* waiter("first").pipe(Effect.provideService(Scheduler.Scheduler, host))
      yield* waiter("second")
      yield* lock.withLock(condition.notify())
      yields = 1
      posted.shift()!()
      first.interruptUnsafe()
      while (posted.length > 0) posted.shift()!()
      yield* settle
      assert.deepStrictEqual(log, ["second"])
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("CND5: outside of withLock everything is a defect that names lock and task", () =>
    Effect.gen(function* () {
      const { condition } = yield* setup
      const calls = [
        ["await", condition.await],
        ["await", condition.awaitUntil(() => true)],
        ["notify", condition.notify()],
        ["notify", condition.notifyAll]
      ] as const
      for (const [operation, call] of calls) {
        const exit = yield* Effect.exit(call).pipe(Effect.provideService(CurrentTaskName, "teller"))
        const defect = new Lock.LockNotHeld({ lock: "ledger", operation, task: "teller" })
        assert.deepStrictEqual(exit, Exit.die(defect))
        assert.include(defect.message, `${operation} without the lock "ledger"`)
      }
    })
  )

  it.effect("CND5: a fiber forked in the body may wait in its name, but not two at once", () =>
    Effect.gen(function* () {
      const { condition, lock } = yield* setup
      const exits = yield* Effect.exit(condition.await).pipe(
        (wait) => Effect.all([wait, wait], { concurrency: 2 }),
        lock.withLock,
        start
      )
      yield* lock.withLock(condition.notifyAll)
      const [first, second] = yield* Fiber.join(exits)
      assert.isTrue(Exit.isSuccess(first))
      assert.isTrue(Exit.hasDies(second))
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("CND5: who waits in the name of a body that has ended dies instead of waiting on", () =>
    Effect.gen(function* () {
      const { condition, lock } = yield* setup
      const orphan = yield* condition.await.pipe(start, lock.withLock)
      assert.isTrue(Exit.hasDies(yield* Fiber.await(orphan)))
      const late = yield* condition.await.pipe(Effect.forkChild, lock.withLock)
      assert.isTrue(Exit.hasDies(yield* Fiber.await(late)))
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.effect("CND6: awaitUntil waits until its predicate holds, not at all if it does", () =>
    Effect.gen(function* () {
      const { condition, lock } = yield* setup
      let count = 0
      yield* lock.withLock(condition.awaitUntil(() => count === 0))
      const waiter = yield* lock.withLock(condition.awaitUntil(() => count >= 2)).pipe(start)
      const increment = Effect.andThen(
        Effect.sync(() => count++),
        condition.notifyAll
      ).pipe(lock.withLock)
      yield* increment
      yield* settle
      assert.isUndefined(waiter.pollUnsafe())
      yield* increment
      yield* Fiber.join(waiter)
      assert.strictEqual(count, 2)
    })
  )

  it.effect.each([0, -1, 1.5, Number.NaN, Infinity])(
    "CND7: notifying %d waiters is a defect",
    (requested) =>
      Effect.gen(function* () {
        const { condition, lock } = yield* setup
        const exit = yield* Effect.exit(lock.withLock(condition.notify(requested)))
        const limit = Number.MAX_SAFE_INTEGER
        const defect = new Condition.NotifyOutOfRange({ requested, limit })
        assert.deepStrictEqual(exit, Exit.die(defect))
        assert.include(defect.message, `give an integer from 1 to ${limit}`)
      })
  )

  it.effect("CND8: notified waiters go from one line to the other, and wake once", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const listener: Waits.Listener = {
        waiting: (fiber, { kind }) => events.push(`${Waits.taskName(fiber)} waits for ${kind}`),
        waited: (fiber, { kind }) => events.push(`${Waits.taskName(fiber)} has ${kind}`)
      }
      const { condition, lock, log, waiter } = yield* setup
      yield* Effect.forEach(["a", "b"], waiter).pipe(
        Effect.provideService(Waits.Observer, listener)
      )
      yield* lock.withLock(condition.notifyAll)
      yield* settle
      assert.deepStrictEqual(log, ["a", "b"])
      assert.deepStrictEqual(events, [
        "a waits for Condition",
        "b waits for Condition",
        "a has Condition",
        "a waits for Lock",
        "b has Condition",
        "b waits for Lock",
        "a has Lock",
        "b has Lock"
      ])
    })
  )
})

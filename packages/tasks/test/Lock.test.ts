import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Option } from "effect"
import { Lock, Waits } from "@fibra/tasks"
import { CurrentTaskName } from "../src/internal/taskName.ts"

// `enter` starts a task that logs its name once it holds the lock and stays until `gate` opens.
const setup = Effect.gen(function* () {
  const [lock, gate] = [yield* Lock.make({ name: "ledger" }), yield* Latch.make()]
  const log: Array<string> = []
  const enter = (name: string) =>
    Effect.sync(() => log.push(name)).pipe(
      Effect.andThen(gate.await),
      lock.withLock,
      Effect.provideService(CurrentTaskName, name),
      start
    )
  return { lock, gate, log, enter }
})

const start = Effect.forkChild({ startImmediately: true })
const unheld = { owner: undefined, waiting: 0 }

describe("Lock", () => {
  it.effect.each(["success", "failure", "defect", "interrupt"] as const)(
    "LCK1: the lock is free again after %s",
    (kind) =>
      Effect.gen(function* () {
        const lock = yield* Lock.make()
        const bodies = {
          success: Effect.void,
          failure: Effect.fail("no"),
          defect: Effect.die("no"),
          interrupt: Effect.interrupt
        }
        yield* Effect.exit(lock.withLock(bodies[kind]))
        assert.deepStrictEqual(yield* lock.snapshot, unheld)
      })
  )

  it.effect("LCK2: bodies hold the lock one at a time, in order of arrival", () =>
    Effect.gen(function* () {
      const { enter, gate, lock, log } = yield* setup
      const names = ["a", "b", "c", "d"]
      const tasks = yield* Effect.forEach(names, enter)
      assert.deepStrictEqual(log, ["a"])
      assert.deepStrictEqual(yield* lock.snapshot, { owner: "a", waiting: 3 })
      yield* gate.open
      yield* Fiber.joinAll(tasks)
      assert.deepStrictEqual(log, names)
    })
  )

  it.effect(
    "LCK2: a newcomer cannot come between a release and the waiter that gets the lock",
    () =>
      Effect.gen(function* () {
        const { enter, lock, log, gate } = yield* setup
        const open = yield* Latch.make()
        const again = Effect.sync(() => log.push("again")).pipe(lock.withLock)
        const first = yield* open.await.pipe(lock.withLock, Effect.andThen(again), start)
        const second = yield* enter("second")
        yield* open.open
        yield* gate.open
        yield* Fiber.joinAll([first, second])
        assert.deepStrictEqual(log, ["second", "again"])
      })
  )

  it.effect("LCK3: a release that meets an interrupted waiter wakes exactly one live waiter", () =>
    Effect.gen(function* () {
      const { enter, lock, log } = yield* setup
      const first = yield* enter("first")
      const second = yield* enter("second")
      yield* enter("third")
      yield* enter("fourth")
      first.interruptUnsafe()
      second.interruptUnsafe()
      yield* Fiber.awaitAll([first, second])
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["first", "third"])
      assert.deepStrictEqual(yield* lock.snapshot, { owner: "third", waiting: 1 })
    })
  )

  it.effect("LCK4: a fiber that asks for a lock that it holds dies, and holds it still", () =>
    Effect.gen(function* () {
      const lock = yield* Lock.make({ name: "ledger" })
      const [inner, held] = yield* Effect.exit(lock.withLock(Effect.void)).pipe(
        Effect.zip(lock.snapshot),
        lock.withLock,
        Effect.provideService(CurrentTaskName, "teller")
      )
      const defect = new Lock.LockReentered({ lock: "ledger", owner: "teller" })
      assert.deepStrictEqual(inner, Exit.die(defect))
      assert.deepStrictEqual(held, { owner: "teller", waiting: 0 })
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
      assert.strictEqual(
        defect.message,
        'teller holds the lock "ledger" and asks for it again: call what it needs without withLock'
      )
    })
  )

  it.effect("LCK4: it may ask again after its body, and for another lock in its body", () =>
    Effect.gen(function* () {
      const [outer, inner] = [yield* Lock.make(), yield* Lock.make()]
      const nested = outer.withLock(inner.withLock(Effect.succeed("in")))
      assert.strictEqual(yield* nested, "in")
      assert.strictEqual(yield* nested, "in")
    })
  )

  it.effect("LCK4: a fiber forked in the body waits until the body ends", () =>
    Effect.gen(function* () {
      const lock = yield* Lock.make()
      const child = yield* lock.withLock(Effect.succeed("in")).pipe(start, lock.withLock)
      assert.strictEqual(yield* Fiber.join(child), "in")
    })
  )

  it.effect("LCK5: tryWithLock runs only where withLock would not wait", () =>
    Effect.gen(function* () {
      const { enter, lock } = yield* setup
      const attempt = lock.tryWithLock(Effect.succeed("in"))
      assert.deepStrictEqual(yield* attempt, Option.some("in"))
      const first = yield* enter("first")
      assert.deepStrictEqual(yield* attempt, Option.none())
      yield* Fiber.interrupt(first)
      assert.deepStrictEqual(yield* attempt, Option.some("in"))
    })
  )

  it.effect(
    "LCK6: an observer sees the ring of two tasks that each hold what the other wants",
    () =>
      Effect.gen(function* () {
        const waits: Array<string> = []
        const listener: Waits.Listener = {
          waiting: (fiber, { holders, name }) =>
            waits.push(
              `${Waits.taskName(fiber)} waits for ${name} held by ${holders().map(Waits.taskName).join()}`
            ),
          waited: () => {}
        }
        const [a, b] = [yield* Lock.make({ name: "A" }), yield* Lock.make({ name: "B" })]
        const task = (name: string, first: Lock.Lock, second: Lock.Lock) =>
          Effect.andThen(Effect.yieldNow, second.withLock(Effect.void)).pipe(
            first.withLock,
            Effect.provideService(CurrentTaskName, name),
            Effect.provideService(Waits.Observer, listener),
            start
          )
        const tasks = [yield* task("left", a, b), yield* task("right", b, a)]
        while (waits.length < 2) yield* Effect.yieldNow
        assert.deepStrictEqual(waits.toSorted(), [
          "left waits for B held by right",
          "right waits for A held by left"
        ])
        yield* Fiber.interruptAll(tasks)
      })
  )
})

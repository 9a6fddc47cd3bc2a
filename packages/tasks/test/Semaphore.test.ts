import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Option, Scheduler } from "effect"
import { Semaphore, Waits } from "@fibra/tasks"
import { CurrentTaskName } from "../src/internal/taskName.ts"

// `enter` starts a fiber that logs its name once it is inside and stays until `gate` opens. It starts
// at once, so requests arrive in the order written.
const setup = (permits: number) =>
  Effect.gen(function* () {
    const [semaphore, gate] = [yield* Semaphore.make(permits), yield* Latch.make()]
    const log: Array<string> = []
    const enter = (name: string, need: number, priority?: number) =>
      Effect.sync(() => log.push(name)).pipe(
        Effect.andThen(gate.await),
        semaphore.withPermits(need, { priority }),
        Effect.provideService(CurrentTaskName, name),
        Effect.forkChild({ startImmediately: true })
      )
    return { semaphore, gate, log, enter }
  })

const free = (semaphore: Semaphore.Semaphore) =>
  Effect.map(semaphore.snapshot, ({ free, permits, waiting }) => ({ free, permits, waiting }))

const stackDepth = () => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Infinity
  const depth = new Error("here").stack!.split("\n").length
  Error.stackTraceLimit = limit
  return depth
}

describe("Semaphore", () => {
  it.effect("SEM1: never more permits are held than there are, and all come back", () =>
    Effect.gen(function* () {
      const semaphore = yield* Semaphore.make(3)
      let [inside, most] = [0, 0]
      const work = (need: number) =>
        Effect.gen(function* () {
          inside += need
          most = Math.max(most, inside)
          yield* Effect.yieldNow
          inside -= need
        }).pipe(semaphore.withPermits(need))
      yield* Effect.forEach([1, 2, 3, 1, 1, 2, 1, 3, 1], work, { concurrency: "unbounded" })
      assert.strictEqual(most, 3)
      assert.deepStrictEqual(yield* free(semaphore), { free: 3, permits: 3, waiting: 0 })
    })
  )

  it.effect.each(["success", "failure", "defect", "interrupt"] as const)(
    "SEM1: permits come back after %s",
    (kind) =>
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(2)
        const effects = {
          success: Effect.void,
          failure: Effect.fail("no"),
          defect: Effect.die("no"),
          interrupt: Effect.interrupt
        }
        yield* Effect.exit(semaphore.withPermits(2)(effects[kind]))
        assert.deepStrictEqual(yield* free(semaphore), { free: 2, permits: 2, waiting: 0 })
      })
  )

  it.effect("SEM2: a small late request never overtakes a large early one", () =>
    Effect.gen(function* () {
      const { enter, gate, log } = yield* setup(2)
      const fibers = [yield* enter("first", 1), yield* enter("large", 2), yield* enter("small", 1)]
      assert.deepStrictEqual(log, ["first"])
      yield* gate.open
      yield* Fiber.joinAll(fibers)
      assert.deepStrictEqual(log, ["first", "large", "small"])
    })
  )

  it.effect("SEM2: equal requests are served in the order in which they came", () =>
    Effect.gen(function* () {
      const { enter, gate, log } = yield* setup(1)
      const names = Array.from({ length: 50 }, (_, index) => `task ${index}`)
      const fibers = yield* Effect.forEach(names, (name) => enter(name, 1))
      yield* gate.open
      yield* Fiber.joinAll(fibers)
      assert.deepStrictEqual(log, names)
    })
  )

  it.effect("SEM3: a permit goes over at its release: a newcomer cannot come between", () =>
    Effect.gen(function* () {
      const { enter, gate, log, semaphore } = yield* setup(1)
      const late = Effect.sync(() => log.push("late")).pipe(semaphore.withPermit)
      const first = Effect.void.pipe(semaphore.withPermit, Effect.andThen(late))
      // `first` holds, `early` waits; after its release `first` asks again, before `early` woke.
      const holder = yield* Latch.make()
      const running = yield* holder.await.pipe(
        semaphore.withPermit,
        Effect.andThen(first),
        Effect.forkChild({ startImmediately: true })
      )
      yield* enter("early", 1)
      yield* holder.open
      yield* gate.open
      yield* Fiber.join(running)
      assert.deepStrictEqual(log, ["early", "late"])
    })
  )

  it.effect("SEM4: interrupting a waiter admits those behind it, and takes nothing", () =>
    Effect.gen(function* () {
      const { enter, log, semaphore } = yield* setup(2)
      yield* enter("first", 1)
      const large = yield* enter("large", 2)
      yield* enter("small", 1)
      yield* Fiber.interrupt(large)
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["first", "small"])
      assert.deepStrictEqual(yield* free(semaphore), { free: 0, permits: 2, waiting: 0 })
    })
  )

  it.effect("SEM4: a grant that an interrupt overtakes goes to the next waiter", () =>
    Effect.gen(function* () {
      const { enter, log, semaphore } = yield* setup(1)
      const first = yield* enter("first", 1)
      const second = yield* enter("second", 1)
      yield* enter("third", 1)
      // Both land in one step: `second` is granted by the release, and has not woken yet.
      first.interruptUnsafe()
      second.interruptUnsafe()
      yield* Fiber.awaitAll([first, second])
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["first", "third"])
      assert.deepStrictEqual(yield* free(semaphore), { free: 0, permits: 1, waiting: 0 })
    })
  )

  it.effect("SEM4: in an uninterruptible region the wait is uninterruptible", () =>
    Effect.gen(function* () {
      const { enter, gate, semaphore } = yield* setup(1)
      yield* enter("first", 1)
      const waiter = yield* semaphore
        .withPermit(Effect.succeed("served"))
        .pipe(Effect.uninterruptible, Effect.forkChild({ startImmediately: true }))
      waiter.interruptUnsafe()
      yield* Effect.yieldNow
      assert.isUndefined(waiter.pollUnsafe())
      yield* gate.open
      assert.isDefined(yield* Fiber.await(waiter))
      assert.deepStrictEqual(yield* free(semaphore), { free: 1, permits: 1, waiting: 0 })
    })
  )

  it.effect("SEM5: tryWithPermits runs only where withPermits would not wait", () =>
    Effect.gen(function* () {
      const { enter, gate, semaphore } = yield* setup(2)
      const attempt = semaphore.tryWithPermits(1)(Effect.succeed("in"))
      assert.deepStrictEqual(yield* attempt, Option.some("in"))
      const first = yield* enter("first", 1)
      const large = yield* enter("large", 2)
      // One permit is free, and it is for `large`.
      assert.deepStrictEqual(yield* attempt, Option.none())
      yield* gate.open
      yield* Fiber.joinAll([first, large])
      assert.deepStrictEqual(yield* attempt, Option.some("in"))
      assert.deepStrictEqual(yield* free(semaphore), { free: 2, permits: 2, waiting: 0 })
    })
  )

  it.effect("SEM6: growing admits waiters, in order", () =>
    Effect.gen(function* () {
      const { enter, log, semaphore } = yield* setup(1)
      yield* Effect.forEach(["a", "b", "c", "d"], (name) => enter(name, 1))
      yield* semaphore.resize(3)
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["a", "b", "c"])
      assert.deepStrictEqual(yield* free(semaphore), { free: 0, permits: 3, waiting: 1 })
    })
  )

  it.effect(
    "SEM6: shrinking takes nothing away, and new requests wait until enough came back",
    () =>
      Effect.gen(function* () {
        const { enter, gate, log, semaphore } = yield* setup(3)
        const large = yield* enter("large", 3)
        yield* semaphore.resize(1)
        const late = yield* enter("late", 1)
        assert.deepStrictEqual(yield* free(semaphore), { free: 0, permits: 1, waiting: 1 })
        assert.deepStrictEqual(log, ["large"])
        yield* gate.open
        yield* Fiber.joinAll([large, late])
        assert.deepStrictEqual(yield* free(semaphore), { free: 1, permits: 1, waiting: 0 })
      })
  )

  it.effect("SEM6: a waiter that asks for more than the new number dies, and blocks nobody", () =>
    Effect.gen(function* () {
      const { enter, gate, log, semaphore } = yield* setup(3)
      const first = yield* enter("first", 2)
      const large = yield* enter("large", 3)
      const urgent = yield* enter("urgent", 3, 1)
      const small = yield* enter("small", 1)
      yield* semaphore.resize(2)
      const defect = new Semaphore.PermitsOutOfRange({ requested: 3, limit: 2 })
      assert.deepStrictEqual(yield* Fiber.await(large), Exit.die(defect))
      assert.deepStrictEqual(yield* Fiber.await(urgent), Exit.die(defect))
      yield* gate.open
      yield* Fiber.joinAll([first, small])
      assert.deepStrictEqual(log, ["first", "small"])
    })
  )

  it.effect("SEM7: a higher priority goes first, equal ones in order of arrival", () =>
    Effect.gen(function* () {
      const { enter, gate, log } = yield* setup(1)
      const fibers = [
        yield* enter("holder", 1),
        yield* enter("low", 1, -1),
        yield* enter("a", 1),
        yield* enter("high", 1, 5),
        yield* enter("b", 1),
        yield* enter("also high", 1, 5)
      ]
      yield* gate.open
      yield* Fiber.joinAll(fibers)
      assert.deepStrictEqual(log, ["holder", "high", "also high", "a", "b", "low"])
    })
  )

  it.effect("SEM7: a higher priority that fits passes a lower one that does not", () =>
    Effect.gen(function* () {
      const { enter, log } = yield* setup(2)
      yield* enter("holder", 1)
      yield* enter("large", 2)
      yield* enter("urgent", 1, 1)
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["holder", "urgent"])
    })
  )

  it.effect("SEM8: the snapshot names the holders, or gives the ids of their fibers", () =>
    Effect.gen(function* () {
      const { enter, semaphore } = yield* setup(4)
      yield* enter("crawler", 2)
      const unnamed = yield* Effect.never.pipe(
        semaphore.withPermit,
        Effect.forkChild({ startImmediately: true })
      )
      yield* enter("waiter", 3)
      assert.deepStrictEqual(yield* semaphore.snapshot, {
        permits: 4,
        free: 1,
        waiting: 1,
        holders: [
          { task: "crawler", permits: 2 },
          { task: `fiber#${unnamed.id}`, permits: 1 }
        ]
      })
    })
  )

  it.effect.each([0, -1, 1.5, 3, Number.NaN, Infinity])(
    "SEM9: asking for %d of 2 permits is a defect, and takes nothing",
    (requested) =>
      Effect.gen(function* () {
        const { semaphore } = yield* setup(2)
        const defect = new Semaphore.PermitsOutOfRange({ requested, limit: 2 })
        const asked = [semaphore.withPermits(requested), semaphore.tryWithPermits(requested)]
        for (const ask of asked) {
          assert.deepStrictEqual(yield* Effect.exit(ask(Effect.void)), Exit.die(defect))
        }
        assert.deepStrictEqual(yield* free(semaphore), { free: 2, permits: 2, waiting: 0 })
      })
  )

  it.effect.each([0, 1.5, Infinity])("SEM9: %d permits cannot be made, nor resized to", (permits) =>
    Effect.gen(function* () {
      const { semaphore } = yield* setup(2)
      const limit = Number.MAX_SAFE_INTEGER
      const defect = new Semaphore.PermitsOutOfRange({ requested: permits, limit })
      assert.deepStrictEqual(yield* Effect.exit(Semaphore.make(permits)), Exit.die(defect))
      assert.deepStrictEqual(yield* Effect.exit(semaphore.resize(permits)), Exit.die(defect))
      assert.strictEqual(defect.message, `${permits} permits: give an integer from 1 to ${limit}`)
    })
  )

  it.effect("SEM9: NaN is no priority", () =>
    Effect.gen(function* () {
      const { semaphore } = yield* setup(2)
      const ask = semaphore.withPermits(1, { priority: Number.NaN })
      const exit = yield* Effect.exit(ask(Effect.void))
      assert.deepStrictEqual(exit, Exit.die(new Semaphore.PriorityNotANumber()))
    })
  )

  it.effect("SEM10: 20,000 waiters, half of them interrupted, do not nest the stack", () =>
    Effect.gen(function* () {
      const semaphore = yield* Semaphore.make(1)
      const served: Array<number> = []
      const depths = new Set<number>()
      const visit = (id: number) =>
        Effect.sync(() => {
          served.push(id)
          depths.add(stackDepth())
        }).pipe(semaphore.withPermit, Effect.forkChild({ startImmediately: true }))
      const gate = yield* Latch.make()
      const holder = yield* gate.await.pipe(
        semaphore.withPermit,
        Effect.forkChild({ startImmediately: true })
      )
      const ids = Array.from({ length: 20_000 }, (_, index) => index)
      const fibers = yield* Effect.forEach(ids, visit)
      yield* Fiber.interruptAll(fibers.filter((_, id) => id % 2 === 0))
      yield* gate.open
      yield* Fiber.awaitAll([holder, ...fibers])
      assert.deepStrictEqual(
        served,
        ids.filter((id) => id % 2 === 1)
      )
      assert.strictEqual(depths.size, 1)
    })
  )

  it.effect("SEM11: tells an observer who waits for what, and who holds it", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const listener: Waits.Listener = {
        waiting: (fiber, { holders, kind, name }) => {
          const by = holders().map(Waits.taskName)
          events.push(`${Waits.taskName(fiber)} waits for ${kind} ${name} of ${by.join()}`)
        },
        waited: (fiber) => events.push(`${Waits.taskName(fiber)} goes on`)
      }
      const semaphore = yield* Semaphore.make(1, { name: "disk" })
      const task = (name: string) =>
        Effect.never.pipe(
          semaphore.withPermit,
          Effect.provideService(CurrentTaskName, name),
          Effect.forkChild({ startImmediately: true })
        )
      yield* Effect.gen(function* () {
        const first = yield* task("first")
        const second = yield* task("second")
        yield* task("third")
        yield* Fiber.interrupt(second)
        yield* Fiber.interrupt(first)
      }).pipe(Effect.provideService(Waits.Observer, listener))
      assert.deepStrictEqual(events, [
        "second waits for Semaphore disk of first",
        "third waits for Semaphore disk of first",
        "second goes on",
        "third goes on"
      ])
    })
  )

  it.effect(
    "SEM12: a waiter goes on on its own scheduler, whoever else does in the same step",
    () =>
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(1)
        const posted: Array<() => void> = []
        const host = new Scheduler.MixedScheduler("async", (callback) => {
          posted.push(callback)
          return () => {}
        })
        yield* Effect.never.pipe(semaphore.withPermit, Effect.forkChild({ startImmediately: true }))
        const wait = semaphore.withPermit(Effect.succeed("served"))
        const start = Effect.forkChild({ startImmediately: true })
        const guest = yield* start(Effect.provideService(wait, Scheduler.Scheduler, host))
        const local = yield* start(wait)
        yield* semaphore.resize(3)
        assert.strictEqual(yield* Fiber.join(local), "served")
        assert.isUndefined(guest.pollUnsafe())
        posted.splice(0).forEach((callback) => callback())
        assert.deepStrictEqual(guest.pollUnsafe(), Exit.succeed("served"))
      })
  )
})

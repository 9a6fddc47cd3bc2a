import { assert, describe } from "vitest"
import { Cause, Clock, Effect, Exit, Fiber, Option, Pull, References, Stream } from "effect"
import { Task } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import * as Completions from "../../src/internal/completions.ts"
import * as Source from "../../src/internal/source.ts"
import { dice } from "../support/dice.ts"
import { turns } from "../support/turns.ts"

type Job = Effect.Effect<number, string>

/** Jobs that give their index after some time or turns, or fail; and who of them is at work. */
const setup = Effect.gen(function* () {
  const random = yield* dice
  const { below } = random
  const [order, seen] = [
    [] as Array<number>,
    { started: 0, ended: 0, running: 0, peak: 0, lastEnd: 0 }
  ]
  const job = (index: number, times: number, fails: boolean): Job => {
    const work = Effect.acquireUseRelease(
      Effect.sync(() => {
        seen.started++
        seen.peak = Math.max(seen.peak, ++seen.running)
      }),
      () =>
        Effect.andThen(
          times % 2 === 0 ? turns(times / 2) : Effect.sleep(times),
          fails ? Effect.fail(`${index}`) : Effect.succeed(index)
        ),
      () =>
        Effect.andThen(
          turns(below(2)),
          Effect.map(Clock.currentTimeMillis, (now) => {
            seen.running--
            seen.ended++
            seen.lastEnd = now
          })
        )
    )
    // The first operation of a fiber: nothing comes between its start and this.
    return Effect.suspend(() => {
      order.push(index)
      return work
    })
  }
  const jobs = (count: number, failing: number) =>
    Array.from({ length: count }, (_, index) => job(index, below(8), random.random() < failing))
  const settled = () => {
    assert.strictEqual(seen.running, 0)
    assert.strictEqual(seen.started, seen.ended)
  }
  return { ...random, jobs, order, seen, settled }
})

const indices = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Interrupts an effect at some moment, or lets it end. */
const cutShort = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const { below, pick } = yield* dice
    const fiber = yield* Effect.forkChild(effect)
    if (below(2) === 0) {
      yield* pick([turns(below(40)), Effect.sleep(below(8))])
      fiber.interruptUnsafe()
    }
    return yield* Fiber.await(fiber)
  })

describe("Task", () => {
  it.sim("TSK1, TSK2, TSK3, TSK6: a gather starts in order, and ends when all have ended", () =>
    Effect.gen(function* () {
      const { below, jobs, order, pick, seen, settled } = yield* setup
      const [count, concurrency] = [below(8), 1 + below(4)]
      const gather = Task.gather(jobs(count, pick([0, 0.2])), { concurrency })
      const exit = yield* cutShort(gather)
      settled()
      assert.isAtMost(seen.peak, concurrency)
      assert.deepStrictEqual(order, indices(order.length))
      if (Exit.isSuccess(exit)) assert.deepStrictEqual(exit.value, indices(count))
      // One by one, the first that fails is the last that starts.
      if (concurrency === 1 && Exit.hasFails(exit) && !Exit.hasInterrupts(exit)) {
        assert.deepStrictEqual(Exit.getCause(exit), Option.some(Cause.fail(`${order.at(-1)}`)))
      }
    })
  )

  it.sim("TSK5, TSK6: a settled gather runs every task to its own end", () =>
    Effect.gen(function* () {
      const { below, jobs, settled } = yield* setup
      const count = below(8)
      const gather = Task.gather(jobs(count, 0.4), { concurrency: 1 + below(4), mode: "settle" })
      const exit = yield* cutShort(gather)
      settled()
      if (Exit.isFailure(exit)) return assert.isTrue(Exit.hasInterrupts(exit), String(exit))
      const results = exit.value.map((each, index) => (Exit.isSuccess(each) ? each.value : index))
      assert.deepStrictEqual(results, indices(count))
    }).pipe(Effect.provideService(References.UnhandledLogLevel, undefined))
  )

  it.sim("TSK16: a race takes the first end, and ends when all have ended", () =>
    Effect.gen(function* () {
      const { below, jobs, order, settled } = yield* setup
      const exit = yield* cutShort(Task.race(jobs(1 + below(5), 0.2)))
      settled()
      if (Exit.isSuccess(exit)) assert.include(order, exit.value)
    })
  )

  it.sim("TSK19, TSK20: a wait says who has ended, and leaves the others alone", () =>
    Effect.gen(function* () {
      const { below, jobs, pick, seen } = yield* setup
      const count = 1 + below(5)
      const fibers = yield* Effect.forEach(jobs(count, 0.3), (job) => Effect.forkChild(job))
      const until = pick(["first", "firstFailure", "all"] as const)
      const waits = indices(3).map((index) =>
        Effect.gen(function* () {
          const timeout = index === 0 ? undefined : below(6)
          const { done, pending } = yield* Task.wait(fibers, { until, timeout })
          for (const fiber of done) assert.isDefined(fiber.pollUnsafe())
          assert.strictEqual(done.length + pending.length, count)
          if (timeout !== undefined) return
          const failed = done.some((fiber) => Exit.hasFails(fiber.pollUnsafe()!))
          const isEnough = until === "first" ? done.length > 0 : until !== "all" && failed
          assert.isTrue(isEnough || pending.length === 0)
        })
      )
      yield* Effect.all(waits.map(cutShort), { concurrency: "unbounded" })
      const exits = yield* Fiber.awaitAll(fibers)
      assert.isFalse(exits.some(Exit.hasInterrupts))
      assert.strictEqual(seen.ended, count)
    })
  )

  it.sim("TSK13, TSK14: a collect has each effect once, by what it had come to in time", () =>
    Effect.gen(function* () {
      const { below, jobs, pick, seen, settled } = yield* setup
      const [count, within] = [below(8), below(16)]
      const options = { within, concurrency: pick([2, "unbounded"] as const) }
      const collect = Task.collect(jobs(count, 0.3), options)
      const exit = yield* cutShort(Effect.zip(collect, Clock.currentTimeMillis))
      settled()
      if (Exit.isFailure(exit)) return
      const [{ failed, interrupted, succeeded }, end] = exit.value
      assert.isTrue(succeeded.every(({ index, value }) => index === value))
      const all = [...succeeded.map(({ index }) => index), ...failed.map(({ index }) => index)]
      assert.deepStrictEqual([...all, ...interrupted].toSorted(), indices(count))
      assert.isAtMost(all.length, seen.started)
      // It does not wait for its end once all have ended.
      if (all.length === count) assert.strictEqual(end, seen.lastEnd)
      // What an interrupted collect cannot say any more is logged.
    }).pipe(Effect.provideService(References.UnhandledLogLevel, undefined))
  )

  it.sim(
    "TSK28, TSK29, TSK30: a stream of results gives each once, also to interrupted pulls",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { below, jobs, seen, settled } = yield* setup
          const [count, concurrency] = [below(8), 1 + below(3)]
          const taken: Array<number> = []
          let read = 0
          const source = function* (): Generator<Job> {
            for (const job of jobs(count, 0)) {
              read++
              yield job
            }
          }
          // The pull itself: Effect's own `toPull` adds steps, in which an interrupt drops the results.
          const upstream = yield* Stream.toPull(Source.toStream<Job, never, never>(source()))
          const pull = yield* Completions.start(upstream, yield* Effect.scope, concurrency)
          // What `map` does is part of the step that gives the results.
          const next = Effect.map(pull, (results) => {
            taken.push(...results)
            assert.isAtMost(read - taken.length, concurrency)
          })
          for (;;) {
            const exit = yield* cutShort(next)
            if (Exit.isFailure(exit) && Pull.isDoneCause(exit.cause)) break
            assert.isFalse(Exit.hasDies(exit), String(exit))
          }
          assert.deepStrictEqual(taken.toSorted(), indices(count))
          assert.isAtMost(seen.peak, concurrency)
          settled()
        })
      )
  )

  it.sim("TSK23, TSK24: a shielded task outlives its waiters, and not its scope", () =>
    Effect.gen(function* () {
      const { below, jobs, pick, settled } = yield* setup
      yield* Effect.scoped(
        Effect.gen(function* () {
          const [job] = jobs(1, 0)
          const result = yield* Task.shield(job!)
          const exits = yield* Effect.forEach(indices(1 + below(3)), () => cutShort(result), {
            concurrency: "unbounded"
          })
          for (const exit of exits) if (Exit.isSuccess(exit)) assert.strictEqual(exit.value, 0)
          if (pick([true, false])) assert.strictEqual(yield* result, 0)
        })
      )
      settled()
    })
  )

  it.sim.everyCancel.each(["gather", "race", "collect", "asCompleted", "shield", "wait"] as const)(
    "TSK6, TSK14, TSK16, TSK32: %s that is interrupted at any moment leaves no task",
    (name) => () =>
      Effect.gen(function* () {
        const { below, jobs, seen } = yield* setup
        const tasks = jobs(1 + below(3), 0)
        const run = {
          gather: Task.gather(tasks, { concurrency: 2 }),
          race: Task.race(tasks),
          collect: Task.collect(tasks, { within: 3 }),
          asCompleted: Stream.runDrain(Task.asCompleted(tasks, { concurrency: 2 })),
          shield: Effect.scoped(Effect.flatMap(Task.shield(tasks[0]!), (result) => result)),
          wait: Effect.flatMap(
            Effect.forEach(tasks, (task) => Effect.forkScoped(task)),
            (fibers) => Task.wait(fibers, { until: "all", timeout: 5 })
          )
        }[name]
        const observe = Effect.sync(() => [seen.running, seen.started - seen.ended])
        return { program: run, observe }
      })
  )
})

/** What a simulation says of programs that can never go on, because of what this package makes. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import {
  Barrier,
  Condition,
  Event,
  Lock,
  RwLock,
  Semaphore,
  Task,
  TaskGroup,
  WorkQueue
} from "@fibra/tasks"
import { Simulation } from "@fibra/testing"

/** The deadlock that the first of 100 seeds finds; a wait as `task: kind name <- holders`. */
const deadlockOf = Effect.fnUntraced(function* (program: Effect.Effect<unknown, unknown>) {
  const { cause } = yield* Effect.flip(Simulation.explore(program, { seeds: 100 }))
  const error = Cause.squash(cause)
  if (!(error instanceof Simulation.Deadlocked)) return yield* Effect.failCause(cause)
  const lines = (waits: ReadonlyArray<Simulation.Wait>) =>
    waits.map(
      ({ holders, resource, task }) =>
        `${task}: ${resource?.kind} ${resource?.name} <- ${holders.join(", ")}`
    )
  return { waits: lines(error.waits), cycle: lines(error.cycle) }
})

/** The named tasks, as those of one gather. */
const together = (tasks: Readonly<Record<string, Effect.Effect<unknown, unknown>>>) =>
  Task.gather(Object.entries(tasks).map(([name, task]) => Task.named(name)(task)))

describe("deadlocks", () => {
  it.effect("WTS5: two tasks that take two locks in opposite order are a cycle", () =>
    Effect.gen(function* () {
      const program = Effect.gen(function* () {
        const [left, right] = [
          yield* Lock.make({ name: "left" }),
          yield* Lock.make({ name: "right" })
        ]
        yield* together({
          a: left.withLock(right.withLock(Effect.void)),
          b: right.withLock(left.withLock(Effect.void))
        })
      })
      const { cycle, waits } = yield* deadlockOf(program)
      assert.sameMembers([...cycle], ["a: Lock right <- b", "b: Lock left <- a"])
      assert.deepStrictEqual(waits, [...cycle, "main: Task.gather undefined <- a, b"])
      // The control: without the simulation, one is done before the other begins.
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(program)))
    })
  )

  it.effect("WTS5: so are a writer and a reader of two locks", () =>
    Effect.gen(function* () {
      const { cycle } = yield* deadlockOf(
        Effect.gen(function* () {
          const [left, right] = [
            yield* RwLock.make({ name: "left" }),
            yield* RwLock.make({ name: "right" })
          ]
          yield* together({
            a: left.withRead(right.withWrite(Effect.void)),
            b: right.withRead(left.withWrite(Effect.void))
          })
        })
      )
      assert.sameMembers([...cycle], ["a: RwLock right <- b", "b: RwLock left <- a"])
    })
  )

  it.effect("WTS5: so is a lock with the tasks that its holder waits for", () =>
    Effect.gen(function* () {
      const { cycle } = yield* deadlockOf(
        Effect.gen(function* () {
          const lock = yield* Lock.make({ name: "disk" })
          const child = Task.named("child")(lock.withLock(Effect.void))
          yield* Task.named("parent")(lock.withLock(Task.gather([child])))
        })
      )
      assert.sameMembers(
        [...cycle],
        ["parent: Task.gather undefined <- parent/child", "parent/child: Lock disk <- parent"]
      )
    })
  )

  it.effect("WTS5: of a semaphore, all who hold permits are named", () =>
    Effect.gen(function* () {
      const { waits } = yield* deadlockOf(
        Effect.gen(function* () {
          const slots = yield* Semaphore.make(2, { name: "slots" })
          const greedy = slots.withPermit(slots.withPermit(Effect.void))
          yield* together({ a: greedy, b: greedy })
        })
      )
      assert.includeMembers(
        [...waits],
        ["a: Semaphore slots <- a, b", "b: Semaphore slots <- a, b"]
      )
    })
  )

  it.effect("WTS5: what has no holder is named: a queue, a barrier, a flag, a condition", () =>
    Effect.gen(function* () {
      const { waits } = yield* deadlockOf(
        Effect.gen(function* () {
          const queue = yield* WorkQueue.make<string>({ capacity: 1, name: "jobs" })
          const barrier = yield* Barrier.make(3, { name: "start" })
          const event = yield* Event.make({ name: "ready" })
          const lock = yield* Lock.make({ name: "ledger" })
          const filled = yield* Condition.make(lock, { name: "filled" })
          // Its item is taken, and never done.
          yield* Effect.andThen(queue.offer("job"), queue.take)
          yield* together({
            joiner: queue.join,
            taker: queue.take,
            one: barrier.await,
            two: barrier.await,
            late: event.await,
            empty: lock.withLock(filled.await)
          })
        })
      )
      assert.sameMembers(
        [...waits],
        [
          "joiner: WorkQueue.join jobs <- ",
          "taker: WorkQueue.take jobs <- ",
          "one: Barrier start <- ",
          "two: Barrier start <- ",
          "late: Event ready <- ",
          "empty: Condition filled <- ",
          "main: Task.gather undefined <- joiner, taker, one, two, late, empty"
        ]
      )
    })
  )

  it.effect("WTS5: a full group is held by its tasks, and so is the wait for its end", () =>
    Effect.gen(function* () {
      const { waits } = yield* deadlockOf(
        Effect.scoped(
          Effect.gen(function* () {
            const group = yield* TaskGroup.make<never, never>({ concurrency: 1, name: "crawl" })
            const event = yield* Event.make({ name: "ready" })
            yield* group.spawn(event.await, { name: "page" })
            yield* together({ more: group.spawn(Effect.void), end: group.join })
          })
        )
      )
      assert.includeMembers(
        [...waits],
        [
          "crawl/page: Event ready <- ",
          "more: TaskGroup.spawn crawl <- crawl/page",
          "end: TaskGroup.join crawl <- crawl/page"
        ]
      )
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Deadline, Lock, Task, TaskGroup, Waits } from "@fibra/tasks"
import { causeOf, started } from "./support/tasks.ts"

/** Who waits for what at the moment: `task: kind name <- holders`. */
const observed = Effect.sync(() => {
  const waits = new Map<Fiber.Fiber<unknown, unknown>, Set<Waits.Resource>>()
  const of = (fiber: Fiber.Fiber<unknown, unknown>) =>
    waits.get(fiber) ?? waits.set(fiber, new Set()).get(fiber)!
  const listener: Waits.Listener = {
    waiting: (fiber, resource) => void of(fiber).add(resource),
    waited: (fiber, resource) => void assert.isTrue(of(fiber).delete(resource))
  }
  const now = () =>
    [...waits].flatMap(([fiber, resources]) =>
      Array.from(resources, ({ holders, kind, name }) => {
        const what = name === undefined ? kind : `${kind} ${name}`
        return `${Waits.taskName(fiber)}: ${what} <- ${holders().map(Waits.taskName).join(", ")}`
      })
    )
  const observe = Effect.provideService(Waits.Observer, listener)
  return { now, observe }
})

describe("waits of tasks", () => {
  it.effect("TSK36: an observer sees the cycle of a deadlock between a lock and a gather", () =>
    Effect.gen(function* () {
      const { now, observe } = yield* observed
      const lock = yield* Lock.make({ name: "disk" })
      const child = Task.named("child")(lock.withLock(Effect.void))
      const parent = Task.named("parent")(lock.withLock(Task.gather([child])))
      const fiber = yield* started(observe(parent))
      assert.sameMembers(now(), [
        "parent: Task.gather <- parent/child",
        "parent/child: Lock disk <- parent"
      ])
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(now(), [])
    })
  )

  it.effect("TSK36: every way to wait for tasks names what it is and whom it waits for", () =>
    Effect.gen(function* () {
      const { now, observe } = yield* observed
      const a = Task.named("a")(Effect.never)
      const b = yield* started(Task.named("b")(Effect.never))
      const waits: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown>]> = [
        ["Task.gather <- x/a", Task.gather([a])],
        ["Task.race <- x/a", Task.race([a])],
        ["Task.collect <- x/a, x", Task.collect([a], { within: "1 hour" })],
        ["Deadline.within save <- x/a, x", Deadline.within("1 hour", "save")(a)],
        ["Task.wait <- b", Task.wait([b], { until: "all" })],
        ["Task.shield <- x/a", Effect.scoped(Effect.flatten(Task.shield(a)))],
        ["Task.asCompleted <- x/a", Stream.runDrain(Task.asCompleted([a], { concurrency: 2 }))],
        [
          "TaskGroup.run crawl <- x/crawl/a",
          TaskGroup.run((group: TaskGroup.TaskGroup) => group.spawn(Effect.never, { name: "a" }), {
            name: "crawl"
          })
        ]
      ]
      for (const [wait, effect] of waits) {
        const fiber = yield* started(observe(Task.named("x")(effect)))
        assert.deepStrictEqual(now(), [`x: ${wait}`])
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(now(), [])
      }
      yield* TestClock.adjust("1 hour")
    })
  )

  it.effect("TSK36: a spawn that waits for a place waits for the tasks of the group", () =>
    Effect.gen(function* () {
      const { now, observe } = yield* observed
      const run = TaskGroup.run(
        (group: TaskGroup.TaskGroup<TaskGroup.GroupClosed>) =>
          Effect.andThen(
            group.spawn(Effect.never, { name: "a" }),
            Task.named("b")(group.spawn(Effect.void))
          ),
        { name: "crawl", concurrency: 1 }
      )
      const fiber = yield* started(observe(run))
      assert.include(now(), "crawl/b: TaskGroup.spawn crawl <- crawl/a")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(now(), [])
    })
  )

  it.effect("TSK36: a wait is ended once, also when what it waited for was interrupted", () =>
    Effect.gen(function* () {
      const { now, observe } = yield* observed
      const task = Effect.andThen(Effect.yieldNow, Effect.interrupt)
      const waiter = yield* started(observe(Effect.scoped(Effect.flatten(Task.shield(task)))))
      assert.strictEqual(now().length, 1)
      assert.deepStrictEqual(yield* causeOf(Fiber.join(waiter)), ["Interrupt"])
      assert.deepStrictEqual(now(), [])
    })
  )

  it.effect("TSK37: a fiber that waits for itself gets a defect, not a wait without end", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.withFiber((fiber) =>
        Effect.exit(Task.wait([fiber], { until: "all" }))
      )
      assert.deepStrictEqual(exit, Exit.die(new Task.WaitsForItself()))
    })
  )
})

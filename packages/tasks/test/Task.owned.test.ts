import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Scope } from "effect"
import { Task, TaskGroup, Waits } from "@fibra/tasks"
import { causeOf, interrupted, leftovers, logged, makeLog, started } from "./support/tasks.ts"

describe("Task.shield", () => {
  it.effect(
    "TSK23: interrupting a waiter leaves the task running, and its result can be read",
    () =>
      Effect.gen(function* () {
        const gate = yield* Latch.make()
        const result = yield* Task.shield(Effect.as(gate.await, "saved"))
        assert.deepStrictEqual(yield* interrupted(result), ["Interrupt"])
        const waiting = [yield* started(result), yield* started(result)]
        yield* gate.open
        assert.deepStrictEqual(yield* Fiber.joinAll(waiting), ["saved", "saved"])
        assert.strictEqual(yield* result, "saved")
      })
  )

  it.effect("TSK23: a failure can be read any number of times too", () =>
    Effect.gen(function* () {
      const result = yield* Task.shield(Effect.fail("boom"))
      assert.strictEqual(yield* Effect.flip(result), "boom")
      assert.strictEqual(yield* Effect.flip(result), "boom")
    })
  )

  it.effect(
    "TSK24: the scope that closes interrupts and awaits the task, and nothing is left",
    () =>
      Effect.gen(function* () {
        const { log, parked } = yield* makeLog
        const scoped = Effect.scoped(Task.shield(parked("a")))
        const { left, value: result } = yield* leftovers(scoped)
        assert.deepStrictEqual([log, left], [["a", "a cleaned"], { fibers: 0, timers: 0 }])
        assert.deepStrictEqual(yield* causeOf(result), ["Interrupt"])
      })
  )

  it.effect("TSK24: a shielded uninterruptible effect is awaited to its end", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const save = Effect.uninterruptible(Effect.andThen(Effect.yieldNow, say("saved")))
      yield* Effect.asVoid(Effect.scoped(Task.shield(save)))
      assert.deepStrictEqual(log, ["saved"])
    })
  )

  it.effect("TSK24: in a scope that has closed nothing is started", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const scope = yield* Scope.make()
      yield* Scope.close(scope, Exit.void)
      const result = yield* Scope.provide(Task.shield(say("started")), scope)
      assert.deepStrictEqual([yield* causeOf(result), log], [["Interrupt"], []])
    })
  )

  it.effect("TSK24: a task that closes its own scope does not wait for itself", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const closes = Effect.andThen(Effect.yieldNow, Scope.close(scope, Exit.void))
      const result = yield* Scope.provide(Task.shield(closes), scope)
      assert.deepStrictEqual(yield* causeOf(result), ["Interrupt"])
    })
  )

  it.effect(
    "TSK25: errors that nobody has read when the scope closes are defects of its exit",
    () =>
      Effect.gen(function* () {
        const { parked } = yield* makeLog
        const failing = Effect.asVoid(Task.shield(Effect.fail("boom")))
        assert.deepStrictEqual(yield* causeOf(Effect.scoped(failing)), ["Die:boom"])
        const cut = Effect.asVoid(Task.shield(parked("a", Effect.fail("no disk"))))
        assert.deepStrictEqual(yield* causeOf(Effect.scoped(cut)), ["Die:no disk"])
        const missed = Effect.gen(function* () {
          const gate = yield* Latch.make()
          const result = yield* Task.shield(Effect.andThen(gate.await, Effect.fail("boom")))
          yield* interrupted(result)
          yield* gate.open
          yield* Effect.yieldNow
        })
        assert.deepStrictEqual(yield* causeOf(Effect.scoped(missed)), ["Die:boom"])
        const read = Effect.flatMap(Task.shield(Effect.fail("boom")), Effect.flip)
        assert.strictEqual(yield* Effect.scoped(read), "boom")
      })
  )

  it.effect("TSK25: errors of a task that has closed its own scope are logged", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const closes = Effect.andThen(Effect.yieldNow, Scope.close(scope, Exit.void))
      const cleanup = Effect.onExit(closes, () => Effect.fail("no disk"))
      const { lines } = yield* logged(
        Effect.gen(function* () {
          yield* Effect.asVoid(Scope.provide(Task.shield(cleanup), scope))
          yield* Effect.yieldNow
          yield* Effect.yieldNow
        })
      )
      const message = "A task closed its own scope and failed"
      assert.deepStrictEqual(lines, [["Error", message, "Fail:no disk"]])
    })
  )

  it.effect("TSK25: errors that a waiter gets while the scope closes are not reported twice", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const scope = yield* Scope.make()
      const result = yield* Scope.provide(Task.shield(parked("a", Effect.fail("no disk"))), scope)
      const waiter = yield* started(result)
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(Scope.close(scope, Exit.void))))
      assert.deepStrictEqual(yield* causeOf(Fiber.join(waiter)), ["Interrupt", "Fail:no disk"])
    })
  )

  it.effect("TSK26: a task that has ended well, or was read, leaves its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Effect.asVoid(Scope.provide(Task.shield(Effect.void), scope))
      const failing = yield* Scope.provide(Task.shield(Effect.fail("boom")), scope)
      assert.strictEqual(scope.state._tag, "Open")
      yield* Effect.ignore(failing)
      assert.strictEqual(scope.state._tag, "Empty")
    })
  )
})

describe("Task.named", () => {
  const name = Effect.withFiberSucceed(Waits.taskName)

  it.effect("TSK27: names form a path, which the tasks that are started inherit", () =>
    Effect.gen(function* () {
      const gathered = Task.gather([name, Task.named("b")(name)])
      assert.deepStrictEqual(yield* Task.named("a")(gathered), ["a", "a/b"])
      const spawned = TaskGroup.run(
        (group: TaskGroup.TaskGroup<TaskGroup.GroupClosed>) =>
          Effect.flatMap(group.spawn(name, { name: "c" }), Fiber.join),
        { name: "group" }
      )
      assert.strictEqual(yield* Task.named("a")(spawned), "a/group/c")
      const unnamedGroup = TaskGroup.run((group) =>
        Effect.flatMap(group.spawn(name, { name: "c" }), Fiber.join)
      )
      assert.strictEqual(yield* Task.named("a")(unnamedGroup), "a/c")
    })
  )
})

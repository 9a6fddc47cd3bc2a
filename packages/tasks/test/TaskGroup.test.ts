import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Deferred, Effect, Exit, Fiber, Latch, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Task, TaskGroup } from "@fibra/tasks"
import {
  causeOf,
  interrupted,
  leftovers,
  logged,
  makeLog,
  started,
  summary
} from "./support/tasks.ts"

type Group<E = string, C = string> = TaskGroup.TaskGroup<E, C>

const soon = <A, E>(effect: Effect.Effect<A, E>) => Effect.andThen(Effect.yieldNow, effect)

/** The names of the tasks that the reasons of a failure come from. */
const failedTasks = <A, E>(exit: Exit.Exit<A, E>) =>
  Exit.isSuccess(exit)
    ? []
    : exit.cause.reasons.map((reason) =>
        Context.getOrUndefined(Cause.reasonAnnotations(reason), TaskGroup.FailedTask)
      )

describe("TaskGroup.run", () => {
  it.effect("GRP1: run waits for the tasks, and for those that tasks spawn while it drains", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const nested = (
        group: Group<TaskGroup.GroupClosed>,
        depth: number
      ): Effect.Effect<void, TaskGroup.GroupClosed> =>
        depth === 0
          ? say("deepest")
          : soon(Effect.asVoid(group.spawn(Effect.suspend(() => nested(group, depth - 1)))))
      const { left, value } = yield* leftovers(
        TaskGroup.run((group: Group<TaskGroup.GroupClosed>) => Effect.as(nested(group, 5), "body"))
      )
      assert.deepStrictEqual([value, log, left], ["body", ["deepest"], { fibers: 0, timers: 0 }])
    })
  )

  it.effect("GRP1: a spawned task starts at once, and its fiber can be joined", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const sum = yield* TaskGroup.run((group: Group) =>
        Effect.gen(function* () {
          const one = yield* group.spawn(Effect.as(say("started"), 1))
          yield* say("spawned")
          const two = yield* group.spawn(soon(Effect.succeed(2)))
          return (yield* Fiber.join(one)) + (yield* Fiber.join(two))
        })
      )
      assert.deepStrictEqual([sum, log], [3, ["started", "spawned"]])
    })
  )

  it.effect(
    "GRP2: the first failure of a task interrupts body and tasks, and every error is kept",
    () =>
      Effect.gen(function* () {
        const { log, parked } = yield* makeLog
        const { left, value } = yield* leftovers(
          causeOf(
            TaskGroup.run((group: Group) =>
              Effect.gen(function* () {
                yield* group.spawn(parked("a", Effect.fail("no disk")))
                yield* group.spawn(parked("b", Effect.die("bug")))
                yield* group.spawn(soon(Effect.fail("first")))
                return yield* parked("body", Effect.fail("no disk"))
              })
            )
          )
        )
        assert.sameMembers(value, ["Fail:first", "Fail:no disk", "Die:bug", "Fail:no disk"])
        assert.strictEqual(value[0], "Fail:first")
        assert.sameMembers(log.slice(3), ["a cleaned", "b cleaned", "body cleaned"])
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      })
  )

  it.effect("GRP2: a task that fails while it is spawned ends the body at once", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const run = TaskGroup.run((group: Group) =>
        Effect.andThen(group.spawn(Effect.fail("boom")), say("went on"))
      )
      assert.deepStrictEqual(yield* Effect.exit(run), Exit.fail("boom"))
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("GRP3: a failure of the body interrupts the tasks and is reported with theirs", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const cause = yield* causeOf(
        TaskGroup.run((group: Group) =>
          Effect.andThen(group.spawn(parked("a", Effect.die("bug"))), Effect.fail("body"))
        )
      )
      assert.deepStrictEqual(
        [cause, log],
        [
          ["Fail:body", "Die:bug"],
          ["a", "a cleaned"]
        ]
      )
    })
  )

  it.effect("GRP3: a body that interrupts itself ends the group as interrupted", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const cause = yield* causeOf(
        TaskGroup.run((group: Group) =>
          Effect.andThen(group.spawn(parked("a", Effect.die("bug"))), Effect.interrupt)
        )
      )
      assert.deepStrictEqual(
        [cause, log],
        [
          ["Interrupt", "Die:bug"],
          ["a", "a cleaned"]
        ]
      )
    })
  )

  it.effect("GRP3: the error of a task that the body joins is one failure", () =>
    Effect.gen(function* () {
      const error = new TaskGroup.GroupClosed({ group: "another", endedBy: "finished" })
      const joins = (policy: TaskGroup.Policy) =>
        TaskGroup.run(
          (group: Group<TaskGroup.GroupClosed>) =>
            Effect.flatMap(group.spawn(Effect.fail(error)), Fiber.join),
          { policy, name: "named" }
        )
      assert.deepStrictEqual(yield* causeOf(joins("failFast")), ["Fail:GroupClosed"])
      assert.deepStrictEqual(yield* causeOf(joins("supervise")), ["Fail:GroupClosed"])
    })
  )

  it.effect("GRP4: a task that somebody interrupts is no failure of the group", () =>
    Effect.gen(function* () {
      const value = yield* TaskGroup.run((group: Group) =>
        Effect.gen(function* () {
          const parked = yield* group.spawn(Effect.never)
          const other = yield* group.spawn(soon(Effect.succeed("other")))
          yield* Fiber.interrupt(parked)
          yield* group.spawn(Effect.interrupt)
          return yield* Fiber.join(other)
        })
      )
      assert.strictEqual(value, "other")
    })
  )

  it.effect(
    "GRP5: an interrupt reaches body and tasks, waits, and keeps the errors of cleanup",
    () =>
      Effect.gen(function* () {
        const { log, parked } = yield* makeLog
        const { left, value } = yield* leftovers(
          interrupted(
            TaskGroup.run((group: Group) =>
              Effect.andThen(
                group.spawn(parked("task", Effect.fail("no disk"))),
                parked("body", Effect.die("bug"))
              )
            )
          )
        )
        assert.sameMembers(value, ["Interrupt", "Fail:no disk", "Die:bug"])
        assert.sameMembers(log, ["task", "body", "task cleaned", "body cleaned"])
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      })
  )

  it.effect("GRP6: a group that failed takes no more tasks, also from cleanup", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const exit = yield* Effect.exit(
        TaskGroup.run((group: Group) => {
          const again = group.spawn(say("hydra")).pipe(
            Effect.catchTag("GroupClosed", ({ endedBy, group }) => say(`${group}: ${endedBy}`)),
            Effect.asVoid
          )
          return Effect.gen(function* () {
            yield* group.spawn(Effect.ensuring(Effect.never, again))
            yield* group.spawn(soon(Effect.fail("boom")))
            return yield* Effect.never
          })
        })
      )
      assert.deepStrictEqual([exit, log], [Exit.fail("boom"), ["group: failure"]])
    })
  )

  it.effect("GRP6: a spawn refused because its own group has ended adds no failure to it", () =>
    Effect.gen(function* () {
      const cause = yield* causeOf(
        TaskGroup.run((group: Group<string | TaskGroup.GroupClosed>) =>
          Effect.gen(function* () {
            const late = Effect.asVoid(group.spawn(Effect.void))
            yield* group.spawn(Effect.onExit(Effect.never, () => late))
            yield* group.spawn(soon(Effect.fail("boom")))
          })
        )
      )
      assert.deepStrictEqual(cause, ["Fail:boom"])
    })
  )

  it.effect("GRP6: once run has returned, spawn fails with the name of the group", () =>
    Effect.gen(function* () {
      const group = yield* TaskGroup.run((group: TaskGroup.TaskGroup) => Effect.succeed(group), {
        name: "crawl"
      })
      const exit = yield* Effect.exit(group.spawn(Effect.void))
      assert.deepStrictEqual(
        exit,
        Exit.fail(new TaskGroup.GroupClosed({ group: "crawl", endedBy: "finished" }))
      )
      yield* Effect.flip(group.spawn(Effect.void))
    })
  )

  it.effect(
    "GRP7: cancel interrupts body and tasks, waits, and makes run succeed with its reason",
    () =>
      Effect.gen(function* () {
        const { log, parked } = yield* makeLog
        const run = TaskGroup.run((group: Group<string | TaskGroup.GroupClosed>) =>
          Effect.gen(function* () {
            yield* group.spawn(parked("a"))
            yield* group.spawn(
              soon(
                Effect.uninterruptible(
                  Effect.andThen(group.cancel("enough"), group.cancel("twice"))
                )
              )
            )
            return yield* parked("body")
          })
        )
        assert.strictEqual(yield* run, "enough")
        assert.sameMembers(log, ["a", "body", "a cleaned", "body cleaned"])
      })
  )

  it.effect("GRP7: the body can cancel its own group, which ends the body as well", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const result = yield* TaskGroup.run((group: Group) =>
        Effect.andThen(group.cancel("enough"), say("went on"))
      )
      assert.deepStrictEqual([result, log], ["enough", []])
    })
  )

  it.effect("GRP7: an error in the cleanup of a cancelled group is reported", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const cause = yield* causeOf(
        TaskGroup.run((group: Group) =>
          Effect.andThen(group.spawn(parked("a", Effect.fail("no disk"))), group.cancel("enough"))
        )
      )
      assert.deepStrictEqual(cause, ["Fail:no disk"])
    })
  )

  it.effect("GRP8: under supervise tasks fail alone, and the report counts every task", () =>
    Effect.gen(function* () {
      const report = yield* TaskGroup.run(
        (group: Group) =>
          Effect.gen(function* () {
            yield* group.spawn(Effect.fail("a failed"))
            yield* group.spawn(soon(Effect.die("b died")), { name: "b" })
            yield* group.spawn(Effect.interrupt)
            yield* group.spawn(soon(Effect.void))
            yield* group.spawn(Effect.void)
            return "body"
          }),
        { policy: "supervise" }
      )
      assert.deepStrictEqual(
        { ...report, failed: report.failed.map(({ cause, name }) => [name, ...summary(cause)]) },
        {
          value: Option.some("body"),
          cancelled: Option.none(),
          succeeded: 2,
          interrupted: 1,
          failed: [
            ["task 1", "Fail:a failed"],
            ["b", "Die:b died"]
          ]
        }
      )
    })
  )

  it.effect("GRP8: a supervised group that is cancelled reports what its cleanup did", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const report = yield* TaskGroup.run(
        (group: Group) =>
          Effect.gen(function* () {
            yield* group.spawn(parked("a", Effect.fail("no disk")))
            yield* group.spawn(parked("b"))
            yield* group.cancel("enough")
          }),
        { policy: "supervise" }
      )
      assert.deepStrictEqual(
        [report.value, report.cancelled],
        [Option.none(), Option.some("enough")]
      )
      assert.deepStrictEqual([report.interrupted, report.succeeded], [1, 0])
      assert.deepStrictEqual(
        report.failed.map(({ cause }) => summary(cause)),
        [["Interrupt", "Fail:no disk"]]
      )
    })
  )

  it.effect("GRP8: a failing body fails a supervised group with all causes", () =>
    Effect.gen(function* () {
      const cause = yield* causeOf(
        TaskGroup.run(
          (group: Group) => Effect.andThen(group.spawn(Effect.fail("task")), Effect.die("body")),
          { policy: "supervise" }
        )
      )
      assert.deepStrictEqual(cause, ["Fail:task", "Die:body"])
    })
  )

  it.effect(
    "GRP9: at most `concurrency` tasks run, spawn waits for its turn in order of arrival",
    () =>
      Effect.gen(function* () {
        let [running, peak] = [0, 0]
        const order: Array<number> = []
        const task = (index: number) =>
          Effect.sync(() => {
            order.push(index)
            peak = Math.max(peak, ++running)
          }).pipe(Effect.andThen(soon(Effect.sync(() => running--))))
        yield* TaskGroup.run(
          (group: Group) =>
            Task.gather(Array.from({ length: 20 }, (_, index) => group.spawn(task(index)))),
          { concurrency: 3 }
        )
        assert.deepStrictEqual(
          order,
          Array.from({ length: 20 }, (_, index) => index)
        )
        assert.deepStrictEqual([running, peak], [0, 3])
      })
  )

  it.effect("GRP9: an interrupted spawn starts nothing and passes its turn on", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      yield* TaskGroup.run(
        (group: Group) =>
          Effect.gen(function* () {
            const gate = yield* Latch.make()
            yield* group.spawn(gate.await)
            const second = yield* started(group.spawn(say("second")))
            const third = yield* started(group.spawn(say("third")))
            const fourth = yield* started(group.spawn(say("fourth")))
            yield* Fiber.interrupt(second)
            yield* gate.open
            // The third has its place now, and has not been woken yet.
            yield* Effect.yieldNow
            third.interruptUnsafe()
            yield* Fiber.await(third)
            yield* Fiber.join(fourth)
          }),
        { concurrency: 1 }
      )
      assert.deepStrictEqual(
        log.filter((line) => line !== "third"),
        ["fourth"]
      )
    })
  )

  it.effect(
    "GRP10: tasks of a full group can spawn into it, to any depth, and wait for these",
    () =>
      Effect.gen(function* () {
        let [running, peak, count] = [0, 0, 0]
        type Closed = TaskGroup.GroupClosed
        const node = (group: Group<Closed>, depth: number): Effect.Effect<void, Closed> =>
          Effect.gen(function* () {
            peak = Math.max(peak, ++running)
            count++
            yield* Effect.yieldNow
            for (const _ of depth > 0 ? [1, 2] : []) {
              running--
              const fiber = yield* group.spawn(Effect.suspend(() => node(group, depth - 1)))
              running++
              peak = Math.max(peak, running)
              yield* Fiber.join(fiber)
            }
            running--
          })
        yield* TaskGroup.run((group: Group<Closed>) => group.spawn(node(group, 6)), {
          concurrency: 1
        })
        assert.deepStrictEqual([count, peak], [127, 1])
      })
  )

  it.effect("GRP10: also through other fibers and groups of the task", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      type Closed = TaskGroup.GroupClosed
      const outer = (group: Group<Closed>) => {
        const task = (name: string) =>
          TaskGroup.run((inner: Group<Closed>) =>
            Task.gather([
              group.spawn(say(`${name}1`)),
              inner.spawn(Effect.asVoid(group.spawn(soon(say(`${name}2`)))))
            ])
          )
        return Task.gather([group.spawn(task("a")), group.spawn(task("b"))])
      }
      yield* TaskGroup.run(outer, { concurrency: 2 })
      assert.sameMembers(log, ["a1", "a2", "b1", "b2"])
    })
  )

  it.effect("GRP10: a task interrupted while it wants its place back leaves the group usable", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      type Closed = TaskGroup.GroupClosed
      yield* TaskGroup.run(
        (group: Group<Closed>) =>
          Effect.gen(function* () {
            const gate = yield* Latch.make()
            const spawner = yield* group.spawn(group.spawn(gate.await))
            yield* Fiber.interrupt(spawner)
            const next = yield* started(group.spawn(say("next")))
            assert.deepStrictEqual(log, [])
            yield* gate.open
            yield* Fiber.join(next)
          }),
        { concurrency: 1 }
      )
      assert.deepStrictEqual(log, ["next"])
    })
  )

  it.effect("GRP10: also where the group inside is bounded itself", () =>
    Effect.gen(function* () {
      let [running, peak] = [0, 0]
      type Closed = TaskGroup.GroupClosed
      const counted = Effect.acquireUseRelease(
        Effect.sync(() => (peak = Math.max(peak, ++running))),
        () => Effect.yieldNow,
        () => Effect.sync(() => running--)
      )
      const outer = (group: Group<Closed>) =>
        group.spawn(
          TaskGroup.run(
            (inner: Group<Closed>) =>
              Effect.andThen(
                inner.spawn(Task.gather([group.spawn(counted), group.spawn(counted)])),
                inner.spawn(group.spawn(counted))
              ),
            { concurrency: 1 }
          )
        )
      yield* TaskGroup.run(outer, { concurrency: 1 })
      assert.deepStrictEqual([running, peak], [0, 1])
    })
  )

  it.effect("GRP10: a task that is cleaning up does not wait in line for a place", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      type Closed = TaskGroup.GroupClosed
      yield* TaskGroup.run(
        (group: Group<Closed>) =>
          Effect.gen(function* () {
            const [gate, cleanup] = [yield* Latch.make(), yield* Latch.make()]
            const spawning = Effect.ensuring(group.spawn(gate.await), cleanup.await)
            const spawner = yield* group.spawn(spawning)
            spawner.interruptUnsafe()
            const next = yield* started(group.spawn(say("next")))
            yield* gate.open
            yield* Fiber.join(next)
            assert.deepStrictEqual(log, ["next"])
            yield* cleanup.open
          }),
        { concurrency: 1 }
      )
    })
  )

  it.effect("GRP10: a place that is granted as its task is interrupted is not lost", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      type Closed = TaskGroup.GroupClosed
      yield* TaskGroup.run(
        (group: Group<Closed>) =>
          Effect.gen(function* () {
            const [gate, cleanup] = [yield* Latch.make(), yield* Latch.make()]
            const spawning = Effect.ensuring(group.spawn(gate.await), cleanup.await)
            const spawner = yield* group.spawn(spawning)
            yield* gate.open
            // The place is granted now, and the spawner has not been woken yet.
            yield* Effect.yieldNow
            spawner.interruptUnsafe()
            for (let turn = 0; turn < 3; turn++) yield* Effect.yieldNow
            yield* cleanup.open
            yield* Fiber.join(yield* group.spawn(say("next")))
          }),
        { concurrency: 1 }
      )
      assert.deepStrictEqual(log, ["next"])
    })
  )

  it.effect("GRP10: nor is one that a fiber wants which its task has left behind", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      type Closed = TaskGroup.GroupClosed
      yield* TaskGroup.run(
        (group: Group<Closed>) =>
          Effect.gen(function* () {
            const daemon = group.spawn(say("of a daemon"))
            yield* group.spawn(Effect.forkDetach(daemon, { startImmediately: true }))
            yield* Fiber.join(yield* group.spawn(say("next")))
          }),
        { concurrency: 1 }
      )
      assert.deepStrictEqual(log, ["of a daemon", "next"])
    })
  )

  it.effect("GRP11: spawns that wait when the group ends fail with GroupClosed", () =>
    Effect.gen(function* () {
      const handle = yield* Deferred.make<Group>()
      const run = yield* started(
        TaskGroup.run(
          (group: Group) =>
            Effect.gen(function* () {
              yield* group.spawn(Effect.never)
              yield* Deferred.succeed(handle, group)
              return yield* Effect.never
            }),
          { concurrency: 1 }
        )
      )
      const group = yield* Deferred.await(handle)
      const waiting = yield* started(Effect.uninterruptible(group.spawn(Effect.void)))
      yield* group.cancel("enough")
      assert.strictEqual(yield* Fiber.join(run), "enough")
      assert.deepStrictEqual(
        yield* Fiber.await(waiting),
        Exit.fail(new TaskGroup.GroupClosed({ group: "group", endedBy: "cancel" }))
      )
    })
  )

  it.effect("GRP12: reasons carry the path of the task that they come from", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const inner = TaskGroup.run(
        (group: Group) =>
          Effect.gen(function* () {
            yield* group.spawn(parked("x", Effect.die("bug")), { name: "parse" })
            yield* group.spawn(parked("y", Effect.die("bug")))
            yield* group.spawn(soon(Effect.fail("boom")), { name: "fetch" })
          }),
        { name: "page" }
      )
      const exit = yield* Effect.exit(
        TaskGroup.run(
          (group: Group<string | TaskGroup.GroupClosed>) => group.spawn(inner, { name: "7" }),
          { name: "crawl" }
        )
      )
      assert.deepStrictEqual(failedTasks(exit), [
        "crawl/7/page/fetch",
        "crawl/7/page/parse",
        "crawl/7/page"
      ])
    })
  )

  it.effect("GRP13: an interrupted supervised group logs the failures that it was to report", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const { lines, value } = yield* logged(
        interrupted(
          TaskGroup.run(
            (group: Group) =>
              Effect.gen(function* () {
                yield* group.spawn(Effect.fail("early"))
                yield* group.spawn(parked("a", Effect.fail("late")))
                return yield* Effect.never
              }),
            { policy: "supervise" }
          )
        )
      )
      assert.deepStrictEqual(value, ["Interrupt", "Fail:late"])
      assert.deepStrictEqual(lines, [
        ["Error", "An interrupted group drops failures", "Fail:early"]
      ])
    })
  )

  it.effect("GRP13: with a failed body there was nothing to report: all is in the cause", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const gate = yield* Latch.make()
      const run = TaskGroup.run(
        (group: Group) =>
          Effect.gen(function* () {
            yield* group.spawn(Effect.fail("early"))
            yield* group.spawn(parked("a", gate.await))
            return yield* Effect.fail("body")
          }),
        { policy: "supervise" }
      )
      const { lines, value } = yield* logged(
        Effect.gen(function* () {
          const fiber = yield* started(run)
          fiber.interruptUnsafe()
          yield* gate.open
          return yield* causeOf(Fiber.join(fiber))
        })
      )
      assert.deepStrictEqual([lines, value], [[], ["Interrupt", "Fail:early", "Fail:body"]])
    })
  )

  it.effect("GRP14: what ends a group early never interrupts what comes after it", () =>
    Effect.gen(function* () {
      const inner = TaskGroup.run((group: Group) =>
        Effect.andThen(group.spawn(Effect.fail("inner")), Effect.never)
      )
      const outer = TaskGroup.run((group: Group) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(inner)
          yield* Effect.yieldNow
          const fiber = yield* group.spawn(soon(Effect.succeed(error)))
          return yield* Fiber.join(fiber)
        })
      )
      assert.strictEqual(yield* outer, "inner")
    })
  )

  it.effect("GRP15: tasks are interruptible, wherever the group runs", () =>
    Effect.gen(function* () {
      const group = TaskGroup.run((group: Group) =>
        Effect.gen(function* () {
          yield* group.spawn(Effect.never)
          yield* group.spawn(soon(group.cancel("enough")))
          return yield* Effect.never
        })
      )
      assert.strictEqual(yield* Effect.uninterruptible(group), "enough")
    })
  )

  it.effect.each([0, -1, 1.5])("GRP16: concurrency %d is a defect", (concurrency) =>
    Effect.gen(function* () {
      const defect = Exit.die(new Task.InvalidConcurrency({ concurrency }))
      const run = TaskGroup.run(() => Effect.void, { concurrency })
      assert.deepStrictEqual(yield* Effect.exit(run), defect)
      const make = Effect.scoped(TaskGroup.make({ concurrency }))
      assert.deepStrictEqual(yield* Effect.exit(make), defect)
    })
  )
})

describe("TaskGroup.make", () => {
  it.effect("GRP17: join waits for the tasks, closes the group, and gives what run would", () =>
    Effect.gen(function* () {
      const group = yield* TaskGroup.make<string, string, "supervise">({ policy: "supervise" })
      yield* group.spawn(soon(Effect.asVoid(group.spawn(soon(Effect.void)).pipe(Effect.orDie))))
      yield* group.spawn(Effect.fail("boom"))
      const report = yield* group.join
      assert.deepStrictEqual([report.succeeded, report.failed.length], [2, 1])
      assert.deepStrictEqual(yield* group.join, report)
      assert.strictEqual((yield* Effect.flip(group.spawn(Effect.void)))._tag, "GroupClosed")
    })
  )

  it.effect("GRP17: join fails with every cause, or succeeds with the reason of a cancel", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const failing = yield* TaskGroup.make<string>()
      yield* failing.spawn(parked("a", Effect.fail("no disk")))
      yield* failing.spawn(Effect.fail("boom"))
      assert.deepStrictEqual(yield* causeOf(failing.join), ["Fail:boom", "Fail:no disk"])
      const cancelled = yield* TaskGroup.make<never, string>()
      yield* cancelled.cancel("enough")
      assert.strictEqual(yield* cancelled.join, "enough")
    })
  )

  it.effect("GRP17: interrupting a join leaves the group open", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const group = yield* TaskGroup.make()
      yield* group.spawn(gate.await)
      yield* Fiber.interrupt(yield* started(group.join))
      const second = yield* group.spawn(Effect.succeed("second"))
      yield* gate.open
      yield* group.join
      assert.strictEqual(yield* Fiber.join(second), "second")
    })
  )

  it.effect("GRP17: also when its last task ends after that", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const group = yield* TaskGroup.make()
      const first = yield* group.spawn(gate.await)
      yield* Fiber.interrupt(yield* started(group.join))
      yield* gate.open
      yield* Fiber.join(first)
      const second = yield* group.spawn(Effect.succeed("second"))
      assert.strictEqual(yield* Fiber.join(second), "second")
      yield* group.join
      assert.strictEqual((yield* Effect.flip(group.spawn(Effect.void))).endedBy, "finished")
    })
  )

  it.effect("GRP18: closing the scope interrupts and awaits the tasks, and leaves nothing", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const scoped = Effect.gen(function* () {
        const group = yield* TaskGroup.make()
        yield* group.spawn(Effect.orDie(parked("a")))
        yield* group.spawn(Effect.sleep("1 hour"))
        return group
      })
      const { left, value: group } = yield* leftovers(Effect.scoped(scoped))
      assert.deepStrictEqual([log, left], [["a", "a cleaned"], { fibers: 0, timers: 0 }])
      const { endedBy } = yield* Effect.flip(group.spawn(Effect.void))
      assert.strictEqual(endedBy, "interrupt")
    })
  )

  it.effect("GRP19: errors that no join has delivered are defects of the scope's exit", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const unjoined = Effect.gen(function* () {
        const group = yield* TaskGroup.make<string>()
        yield* group.spawn(parked("a", Effect.die("bug")))
        yield* group.spawn(Effect.fail("boom"))
      })
      assert.deepStrictEqual(yield* causeOf(Effect.scoped(unjoined)), ["Die:boom", "Die:bug"])
      const late = Effect.gen(function* () {
        const group = yield* TaskGroup.make<string>()
        yield* group.spawn(parked("a", Effect.fail("no disk")))
      })
      assert.deepStrictEqual(yield* causeOf(Effect.scoped(late)), ["Die:no disk"])
      const joined = Effect.gen(function* () {
        const group = yield* TaskGroup.make<string>()
        yield* group.spawn(Effect.fail("boom"))
        yield* Effect.ignore(group.join)
      })
      yield* Effect.scoped(joined)
    })
  )

  it.effect("GRP19: a group that ended well leaves nothing in its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      for (let index = 0; index < 3; index++) {
        const group = yield* Scope.provide(TaskGroup.make(), scope)
        yield* group.spawn(Effect.void)
        yield* group.join
      }
      assert.strictEqual(scope.state._tag, "Empty")
      yield* TestClock.adjust("1 second")
    })
  )
})

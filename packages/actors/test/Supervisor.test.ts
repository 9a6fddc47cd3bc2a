import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Clock, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import { Actor, ActorError, DeadLetters, Supervisor } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { quiet } from "./support/system.ts"
import { makeLog, settle } from "./support/worker.ts"

const crash = { why: "bang" }

/** What a finished effect failed with, by its tag. */
const tagOf = (exit: Exit.Exit<unknown, { readonly _tag: string }> | undefined) =>
  exit === undefined || Exit.isSuccess(exit) ? exit?._tag : Effect.runSync(Effect.flip(exit))._tag

describe("Supervisor", () => {
  it.sim(
    "SUP4: a child that crashes keeps its address and its messages, and starts with a new state",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const { refs } = yield* Supervisor.make({ a: worker("a"), b: worker("b") })
        yield* refs.a.tell("Work", { n: 1 })
        yield* refs.a.tell("Crash", crash)
        yield* refs.a.tell("Work", { n: 2 })
        assert.strictEqual(yield* refs.a.ask("Work", { n: 4 }), 6)
        assert.deepStrictEqual(news(), ["start a", "start b", "end a", "start a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP4: neighbours that are restarted with it keep their messages too",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const children = { a: worker("a"), b: worker("b") }
        const { refs } = yield* Supervisor.make(children, { strategy: "one_for_all" })
        yield* refs.a.tell("Crash", crash)
        const answers = yield* Effect.forEach([1, 2, 3], () => refs.b.ask("Work", { n: 1 }), {
          concurrency: "unbounded"
        })
        assert.strictEqual(answers.length, 3)
        yield* settle
        assert.strictEqual(news().filter((line) => line === "start b").length, 2)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP5: the message on which a child crashed is a dead letter with its cause, and is not tried again",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const { refs } = yield* Supervisor.make({ a: worker("a") })
        yield* refs.a.tell("Work", { n: 1 })
        const poison = yield* Effect.forkChild(Effect.flip(refs.a.ask("Crash", crash)))
        yield* Effect.yieldNow
        assert.isAtLeast(yield* refs.a.ask("Work", { n: 2 }), 2)
        const asked = yield* Fiber.join(poison)
        assert.strictEqual(asked._tag, "ActorStopped")
        const { all } = yield* DeadLetters.DeadLetters
        assert.deepStrictEqual(
          (yield* all).map(({ actor, cause, tag }) => [actor, tag, Cause.squash(cause!)]),
          [["/supervisor/a", "Crash", "bang"]]
        )
        yield* settle
        assert.deepStrictEqual(news(), ["start a", "end a", "start a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP6: three crashes within 5 seconds are survived, and the fourth ends the supervisor in reverse order",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const children = { a: worker("a"), b: worker("b"), c: worker("c") }
        const supervisor = yield* Supervisor.make(children)
        const { b } = supervisor.refs
        const join = yield* Effect.forkChild(Effect.flip(supervisor.join))
        for (const millis of [0, 2499, 2497]) {
          yield* Effect.sleep(millis)
          yield* b.tell("Crash", crash)
          yield* settle
        }
        assert.isUndefined(join.pollUnsafe())
        assert.strictEqual(yield* b.ask("Work", { n: 1 }), 1)
        news()
        yield* b.tell("Crash", { why: "the last" })
        const error = yield* Fiber.join(join)
        assert.deepStrictEqual(news(), ["end b", "stop c", "stop a"])
        assert.deepInclude(error, { supervisor: "/supervisor", child: "/supervisor/b" })
        assert.deepInclude(error, { intensity: 3, period: 5000 })
        const causes = error.causes.map((cause) => Cause.squash(cause))
        assert.deepStrictEqual(causes, ["bang", "bang", "bang", "the last"])
        assert.strictEqual((yield* Effect.flip(b.ask("Work", { n: 1 })))._tag, "ActorStopped")
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP6: a crash that is more than 5 seconds old is forgotten",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, refs } = yield* Supervisor.make({ a: worker("a") })
        const joined = yield* Effect.forkChild(Effect.exit(join))
        for (const millis of [0, 2, 4998, 1]) {
          yield* Effect.sleep(millis)
          yield* refs.a.tell("Crash", crash)
        }
        yield* settle
        assert.isUndefined(joined.pollUnsafe())
        yield* refs.a.tell("Crash", crash)
        assert.strictEqual(tagOf(yield* Fiber.join(joined)), "RestartIntensityExceeded")
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP6: an init that fails at a restart counts, and a restart that succeeds gives nothing back",
    sim(() =>
      Effect.gen(function* () {
        const { failing, news, worker } = makeLog()
        const { join, refs } = yield* Supervisor.make({ a: worker("a") })
        failing.set("a", ["no", "no"])
        const joined = yield* Effect.forkChild(Effect.flip(join))
        yield* refs.a.tell("Crash", crash)
        assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
        assert.deepStrictEqual(news(), ["start a", "end a", "a fails", "a fails", "start a"])
        yield* refs.a.tell("Crash", { why: "the last" })
        const { causes } = yield* Fiber.join(joined)
        assert.deepStrictEqual(
          causes.map((cause) => Cause.squash(cause)),
          ["bang", "no", "no", "the last"]
        )
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP6: the error has the causes of the last ten, also of children that did not crash",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, refs } = yield* Supervisor.make({ a: worker("a") }, { intensity: 11 })
        const joined = yield* Effect.forkChild(Effect.flip(join))
        for (let n = 1; n <= 10; n++) yield* refs.a.tell("Crash", { why: `crash ${n}` })
        yield* refs.a.ask("Work", { n: 1 })
        yield* Actor.kill(refs.a)
        yield* refs.a.ask("Work", { n: 1 })
        yield* refs.a.tell("Leave")
        const { causes } = yield* Fiber.join(joined)
        const [first, ...others] = causes.map((cause) => Cause.squash(cause))
        assert.strictEqual(first, "crash 3")
        assert.strictEqual(others.length, 9)
        const actor = "/supervisor/a"
        assert.deepStrictEqual(others.slice(-2), [
          new ActorError.ActorStopped({ actor, reason: "killed" }),
          new ActorError.ActorStopped({ actor, reason: "stopped" })
        ])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP7: when the supervisor gives up, run interrupts its body and fails",
    sim(() =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const program = Supervisor.run(
          { a: worker("a") },
          ({ refs }) =>
            Effect.gen(function* () {
              yield* refs.a.tell("Crash", crash)
              return yield* Effect.never
            }).pipe(Effect.onInterrupt(() => Effect.sync(() => log.push("body")))),
          { intensity: 0, name: "bank" }
        )
        const error = yield* Effect.flip(program)
        assert.deepStrictEqual(log, ["start a", "end a", "body"])
        assert.strictEqual(error._tag, "RestartIntensityExceeded")
        assert.deepInclude(error, { supervisor: "/bank", child: "/bank/a" })
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP7: run returns what its body returns, and has stopped the children by then",
    sim(() =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const answer = yield* Supervisor.run({ a: worker("a"), b: worker("b") }, ({ refs }) =>
          refs.a.ask("Work", { n: 7 })
        )
        assert.strictEqual(answer, 7)
        assert.deepStrictEqual(log, ["start a", "start b", "stop b", "stop a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP7: a supervisor that gives up while nobody joins it is a defect of its Scope's exit",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const giveUp = (joins: boolean | "for a while") =>
          Effect.gen(function* () {
            const { join, refs } = yield* Supervisor.make({ a: worker("a") }, { intensity: 0 })
            if (joins === "for a while") yield* Effect.timeoutOption(join, "1 second")
            yield* refs.a.tell("Crash", crash)
            yield* settle
            if (joins === true) yield* Effect.exit(join)
          }).pipe(Effect.scoped, Effect.exit)
        for (const joins of [false, "for a while"] as const) {
          const exit = yield* giveUp(joins)
          const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          assert.instanceOf(defect, Supervisor.RestartIntensityExceeded)
        }
        assert.deepStrictEqual(yield* giveUp(true), Exit.void)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP7: join succeeds when the supervisor has stopped with its Scope",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const scope = yield* Scope.make()
        const { join } = yield* Supervisor.make({ a: worker("a") }).pipe(Scope.provide(scope))
        const joined = yield* Effect.forkChild(join)
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.join(joined)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP8: a child waits for its backoff, which counts its crashes alone, and starts anew once it was stable",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const { refs } = yield* Supervisor.make(
          {
            a: worker("a"),
            b: worker("b"),
            quick: Supervisor.child(worker("quick"), { stableAfter: "1 second" })
          },
          { intensity: 100, backoff: Schedule.exponential("1 second"), period: "10 seconds" }
        )
        const downFor = (name: "a" | "b" | "quick") =>
          Effect.gen(function* () {
            const start = yield* Clock.currentTimeMillis
            yield* refs[name].tell("Crash", crash)
            yield* refs[name].ask("Work", { n: 1 }, { timeout: "1 hour" })
            return (yield* Clock.currentTimeMillis) - start
          })
        assert.strictEqual(yield* downFor("a"), 1000)
        assert.strictEqual(yield* downFor("a"), 2000)
        assert.strictEqual(yield* downFor("b"), 1000)
        yield* Effect.sleep("8999 millis")
        assert.strictEqual(yield* downFor("a"), 4000)
        yield* Effect.sleep("10 seconds")
        assert.strictEqual(yield* downFor("a"), 1000)
        assert.strictEqual(yield* downFor("quick"), 1000)
        yield* Effect.sleep("1 second")
        assert.strictEqual(yield* downFor("quick"), 1000)
        news()
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP8: time in which a child was down does not count as stable",
    sim(() =>
      Effect.gen(function* () {
        const { failing, worker } = makeLog()
        const { refs } = yield* Supervisor.make(
          {
            a: Supervisor.child(worker("a"), {
              backoff: Schedule.exponential("4 seconds"),
              stableAfter: "1 second"
            })
          },
          { intensity: 100 }
        )
        failing.set("a", ["no"])
        yield* refs.a.tell("Crash", crash)
        yield* refs.a.ask("Work", { n: 1 }, { timeout: "1 hour" })
        assert.strictEqual(yield* Clock.currentTimeMillis, 12_000)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP8: the backoff of one child holds up neither its neighbours nor the end",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const slow = Supervisor.child(worker("a"), { backoff: Schedule.spaced("1 hour") })
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { children, refs } = yield* Supervisor.make({ a: slow, b: worker("b") })
            yield* refs.a.tell("Crash", crash)
            yield* refs.b.tell("Crash", crash)
            yield* settle
            assert.strictEqual(yield* refs.b.ask("Work", { n: 1 }), 1)
            assert.deepStrictEqual(
              (yield* children).map(({ name, status }) => [name, status]),
              [
                ["a", "restarting"],
                ["b", "running"]
              ]
            )
          })
        )
        assert.strictEqual(yield* Clock.currentTimeMillis, 1)
        const all = news()
        assert.strictEqual(all.at(-1), "stop b")
        assert.strictEqual(all.filter((line) => line === "start a").length, 1)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP8: a backoff that has come to its end is one restart too many",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, refs } = yield* Supervisor.make(
          { a: worker("a") },
          { intensity: 100, backoff: Schedule.recurs(1) }
        )
        const joined = yield* Effect.forkChild(Effect.flip(join))
        yield* refs.a.tell("Crash", crash)
        assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
        yield* refs.a.tell("Crash", crash)
        assert.strictEqual((yield* Fiber.join(joined))._tag, "RestartIntensityExceeded")
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP8: with rest_for_one those on the right wait for the backoff, and start in their order",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const children = { a: worker("a"), b: worker("b"), c: worker("c") }
        const options = { strategy: "rest_for_one", backoff: Schedule.spaced("1 second") } as const
        const { refs } = yield* Supervisor.make(children, options)
        news()
        yield* refs.b.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(news(), ["end b", "stop c"])
        yield* refs.a.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(news(), ["end a"])
        yield* Effect.sleep("2 seconds")
        assert.deepStrictEqual(news(), ["start a", "start b", "start c"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP9: counted for each child, one restart too many ends that child only, for good",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const children = { a: worker("a"), b: worker("b"), c: worker("c") }
        const {
          children: list,
          join,
          refs,
          startChild
        } = yield* Supervisor.make(children, {
          intensity: 1,
          countPer: "child"
        })
        const joined = yield* Effect.forkChild(join)
        for (const ref of [refs.a, refs.b, refs.c, refs.b]) {
          yield* ref.tell("Crash", crash)
          yield* settle
        }
        assert.deepStrictEqual(
          (yield* list).map(({ name }) => name),
          ["a", "c"]
        )
        assert.strictEqual((yield* Effect.flip(refs.b.ask("Work", { n: 1 })))._tag, "ActorStopped")
        assert.strictEqual(yield* refs.c.ask("Work", { n: 1 }), 1)
        assert.isUndefined(joined.pollUnsafe())
        assert.notInclude(news(), "stop c")
        const ended = Supervisor.child(worker("d"), { backoff: Schedule.recurs(0) })
        const d = yield* startChild(ended, "d")
        yield* d.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(
          (yield* list).map(({ name }) => name),
          ["a", "c"]
        )
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP10: children come and go",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const supervisor = yield* Supervisor.make({ a: worker("a") })
        const b = yield* supervisor.startChild(worker("b"), "b")
        const some = yield* supervisor.startChild(worker("some"))
        assert.strictEqual(yield* b.ask("Work", { n: 2 }), 2)
        assert.strictEqual(some.path, `/supervisor/${some.id}`)
        const names = Effect.map(supervisor.children, (all) => all.map(({ name }) => name))
        assert.deepStrictEqual(yield* names, ["a", "b", String(some.id)])
        assert.isTrue(yield* supervisor.stopChild("b"))
        assert.isFalse(yield* supervisor.stopChild("b"))
        assert.deepStrictEqual(yield* names, ["a", String(some.id)])
        assert.strictEqual((yield* Effect.flip(b.ask("Work", { n: 1 })))._tag, "ActorStopped")
        assert.deepStrictEqual(news(), ["start a", "start b", "start some", "stop b"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP10: a name that is taken, an init that fails, and a supervisor that has stopped refuse a child",
    sim(() =>
      Effect.gen(function* () {
        const { failing, news, worker } = makeLog()
        const scope = yield* Scope.make()
        const supervisor = yield* Scope.provide(
          Supervisor.make({ a: worker("a") }, { intensity: 0 }),
          scope
        )
        assert.strictEqual(
          (yield* Effect.flip(supervisor.startChild(worker("a"), "a")))._tag,
          "NameTaken"
        )
        failing.set("b", ["no"])
        const failed = yield* Effect.flip(supervisor.startChild(worker("b"), "b"))
        assert.strictEqual(failed._tag, "StartFailed")
        assert.strictEqual(failed._tag === "StartFailed" ? failed.child : "", "/supervisor/b")
        assert.deepStrictEqual(
          (yield* supervisor.children).map(({ name }) => name),
          ["a"]
        )
        yield* Scope.close(scope, Exit.void)
        const stopped = yield* Effect.flip(supervisor.startChild(worker("c"), "c"))
        assert.strictEqual(stopped._tag, "SupervisorStopped")
        assert.deepStrictEqual(news(), ["start a", "b fails", "stop a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP10: of those that start a child of one name at the same time one does, and nobody waits for ever",
    sim(() =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const { startChild, stopChild } = yield* Supervisor.make({})
        const start = Effect.exit(startChild(worker("a"), "a"))
        const all = { concurrency: "unbounded" } as const
        const started = yield* Effect.all([start, start, start], all)
        assert.strictEqual(started.filter(Exit.isSuccess).length, 1)
        assert.deepStrictEqual(log, ["start a"])
        const stop = stopChild("a")
        assert.include(yield* Effect.all([stop, stop, stop], all), true)
        assert.isFalse(yield* stop)
      })
    ),
    { seeds: 100 }
  )

  it.sim(
    "SUP10: a child that has not started when the supervisor stops is refused",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const scope = yield* Scope.make()
        const { startChild } = yield* Scope.provide(Supervisor.make({ a: worker("a") }), scope)
        const slow = worker("slow", () => Effect.sleep("1 second"))
        const starting = yield* Effect.forkChild(Effect.flip(startChild(slow)))
        yield* settle
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual((yield* Fiber.join(starting))._tag, "SupervisorStopped")
        assert.deepStrictEqual(news(), ["start a", "start slow", "stop slow", "stop a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP10: a child that is added while others start, and fails, is no affair of theirs",
    sim(() =>
      Effect.gen(function* () {
        const { failing, worker } = makeLog()
        const inner = Supervisor.nested({ slow: worker("slow", () => Effect.sleep("1 second")) })
        const { refs } = yield* Supervisor.make(
          { a: worker("a"), inner },
          { strategy: "one_for_all", intensity: 1 }
        )
        yield* refs.a.tell("Crash", crash)
        yield* settle
        failing.set("added", ["no"])
        const refused = yield* Effect.flip(refs.inner.startChild(worker("added"), "added"))
        assert.strictEqual(refused._tag, "StartFailed")
        assert.strictEqual(yield* refs.inner.refs.slow.ask("Work", { n: 1 }), 1)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP10: an interrupted startChild stops its own child, and not the next one of its name",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { children, startChild, stopChild } = yield* Supervisor.make({})
        const hangs = Supervisor.child(
          worker("hangs", () => Effect.never),
          { shutdown: "kill" }
        )
        const first = yield* Effect.forkChild(startChild(hangs, "a"))
        yield* settle
        yield* stopChild("a")
        yield* startChild(worker("next"), "a")
        yield* Fiber.interrupt(first)
        assert.deepStrictEqual(
          (yield* children).map(({ name }) => name),
          ["a"]
        )
      })
    ),
    { seeds: 300 }
  )

  it.sim(
    "SUP7: one that gives up while its Scope closes has given up",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const scope = yield* Scope.make()
        const supervisor = yield* Scope.provide(
          Supervisor.make({ a: worker("a"), b: worker("b") }, { intensity: 0 }),
          scope
        )
        const joined = yield* Effect.forkChild(Effect.exit(supervisor.join))
        yield* supervisor.refs.a.tell("Hang")
        yield* supervisor.refs.b.tell("Crash", crash)
        yield* settle
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(tagOf(yield* Fiber.join(joined)), "RestartIntensityExceeded")
      })
    ),
    { seeds: 30 }
  )

  it.sim.everyCancel("SUP10: an interrupted startChild leaves no child behind", () =>
    Effect.gen(function* () {
      const { log, worker } = makeLog()
      const system = yield* Layer.build(quiet)
      const supervisor = yield* Effect.provide(Supervisor.make({ a: worker("a") }), system)
      const program = Effect.uninterruptibleMask((restore) =>
        Effect.andThen(restore(supervisor.startChild(worker("b"), "b")), supervisor.stopChild("b"))
      )
      return {
        program,
        observe: Effect.map(supervisor.children, (all) => all.map(({ name }) => name)),
        check: Effect.sync(() => assert.notInclude(log, "stop a"))
      }
    })
  )
})

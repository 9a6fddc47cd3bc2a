import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import {
  Cause,
  Clock,
  Context,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  Option,
  Schedule,
  Scope
} from "effect"
import type { RpcGroup } from "effect/rpc"
import { Actor, type ActorRef, ActorSystem, Supervisor } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { quiet } from "./support/system.ts"
import { makeLog, settle, type Work } from "./support/worker.ts"

type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Work>>

const crash = { why: "bang" }
const seeds = { seeds: 30 }

describe("Supervisor", () => {
  it.sim(
    "SUP11: a child that is busy for longer than its shutdown is killed, and its cleanup is awaited",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const timed = (shutdown: "1 second" | "kill" | undefined) =>
          Effect.gen(function* () {
            const start = yield* Clock.currentTimeMillis
            const busy = Supervisor.child(worker("b"), { shutdown })
            yield* Effect.scoped(
              Effect.gen(function* () {
                const children = { a: worker("a"), b: busy, c: worker("c") }
                const { refs } = yield* Supervisor.make(children)
                yield* refs.b.tell("Hang")
                yield* settle
              })
            )
            assert.deepStrictEqual(news().slice(3), ["stop c", "end b", "stop a"])
            return (yield* Clock.currentTimeMillis) - start - 1
          })
        assert.strictEqual(yield* timed(undefined), 5000)
        assert.strictEqual(yield* timed("1 second"), 1000)
        assert.strictEqual(yield* timed("kill"), 0)
      })
    ),
    seeds
  )

  it.sim(
    "SUP11: what a stopping supervisor has stopped refuses messages while others still stop",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const answers: Array<string> = []
        yield* Effect.scoped(
          Effect.gen(function* () {
            const ask = Effect.suspend(() =>
              Effect.forEach([b, c], (ref) =>
                Effect.map(Effect.flip(ref.ask("Work", { n: 1 })), ({ _tag }) => answers.push(_tag))
              )
            )
            const last = worker("a", () => Effect.addFinalizer(() => Effect.orDie(ask)))
            const inner = Supervisor.nested({ c: worker("c") })
            const { refs } = yield* Supervisor.make({ a: last, b: worker("b"), inner })
            const [b, c] = [refs.b, refs.inner.refs.c]
          })
        )
        assert.deepStrictEqual(answers, ["ActorStopped", "ActorStopped"])
      })
    ),
    seeds
  )

  it.sim(
    "SUP11: a child in its init is killed where its neighbours are restarted, and starts in its turn",
    sim(() =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        let inits = 0
        const slow = Supervisor.child(
          worker("slow", () => (++inits === 1 ? Effect.never : Effect.void)),
          { shutdown: "kill" }
        )
        let a: Ref | undefined
        const first = worker("a", ({ self }) => Effect.sync(() => (a = self)))
        const making = yield* Effect.forkChild(
          Supervisor.make({ a: first, slow, c: worker("c") }, { strategy: "one_for_all" })
        )
        for (let crashes = 0; crashes < 2; crashes++) {
          yield* settle
          yield* a!.tell("Crash", crash)
        }
        const { refs } = yield* Fiber.join(making)
        yield* settle
        assert.strictEqual(yield* refs.c.ask("Work", { n: 1 }), 1)
        const start = ["start a", "start slow", "start c"]
        const again = ["end a", "stop c", "end slow", ...start]
        assert.deepStrictEqual(log, ["start a", "end a", ...start, ...again])
      })
    ),
    { seeds: 200 }
  )

  it.sim(
    "SUP11: an interrupted make has stopped everything before its Scope closes",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const slow = worker("slow", () => Effect.never)
        const making = yield* Effect.forkChild(Supervisor.make({ a: worker("a"), slow }))
        yield* settle
        yield* Fiber.interrupt(making)
        assert.deepStrictEqual(news(), ["start a", "stop a"])
      })
    ),
    seeds
  )

  it.sim.everyCancel(
    "SUP11: an interrupted make stops what it had started",
    () =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const slow = worker("slow", () => Effect.sleep("1 second"))
        const system = yield* Layer.build(quiet)
        const inner = Supervisor.nested({ c: worker("c"), slow, d: worker("d") })
        return {
          program: Effect.scoped(Supervisor.make({ a: worker("a"), inner, b: worker("b") })).pipe(
            Effect.provide(system)
          ),
          check: Effect.sync(() => {
            const started = log
              .filter((line) => line.startsWith("start"))
              .map((line) => line.slice(6))
            const ended = log
              .filter((line) => /^(stop|end)/.test(line))
              .map((line) => line.split(" ")[1])
            assert.deepStrictEqual(ended, started.toReversed())
            log.length = 0
          })
        }
      }),
    { seeds: 3 }
  )

  it.sim(
    "SUP13: an inner supervisor that gives up has crashed for the outer one, which starts it again",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const inner = Supervisor.nested(
          { b: worker("b"), c: worker("c") },
          { intensity: 1, type: "transient" }
        )
        const { join, refs } = yield* Supervisor.make(
          { a: worker("a"), inner, d: worker("d") },
          { intensity: 1, strategy: "rest_for_one" }
        )
        const joined = yield* Effect.forkChild(Effect.flip(join))
        const crashTwice = Effect.gen(function* () {
          for (let count = 0; count < 2; count++) {
            yield* refs.inner.refs.b.tell("Crash", crash)
            yield* settle
          }
        })
        news()
        yield* crashTwice
        assert.strictEqual(yield* refs.inner.refs.c.ask("Work", { n: 3 }), 3)
        const restarted = [
          "end b",
          "start b",
          "end b",
          "stop c",
          "stop d",
          "start b",
          "start c",
          "start d"
        ]
        assert.deepStrictEqual(news(), restarted)
        yield* crashTwice
        const error = yield* Fiber.join(joined)
        assert.deepStrictEqual(news().slice(2), ["end b", "stop c", "stop d", "stop a"])
        assert.deepInclude(error, { supervisor: "/supervisor", child: "/supervisor/inner" })
        const [, last] = error.causes.map((cause) => Cause.squash(cause))
        assert.instanceOf(last, Supervisor.RestartIntensityExceeded)
        assert.deepInclude(last, { supervisor: "/supervisor/inner" })
        const { b } = refs.inner.refs
        assert.strictEqual((yield* Effect.flip(b.ask("Work", { n: 1 })))._tag, "ActorStopped")
      })
    ),
    seeds
  )

  it.sim(
    "SUP13: an inner supervisor takes children too, which are gone when it is started again",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const inner = Supervisor.nested({ b: worker("b") })
        const { refs } = yield* Supervisor.make(
          { a: worker("a"), inner },
          { strategy: "one_for_all", intensity: 5, backoff: Schedule.spaced("1 second") }
        )
        const names = Effect.map(refs.inner.children, (all) => all.map(({ name }) => name))
        const added = yield* refs.inner.startChild(worker("added"), "added")
        assert.strictEqual(added.path, "/supervisor/inner/added")
        assert.deepStrictEqual(yield* names, ["b", "added"])
        news()
        yield* refs.a.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(news(), ["end a", "stop added", "stop b"])
        assert.strictEqual((yield* Effect.flip(added.ask("Work", { n: 1 })))._tag, "ActorStopped")
        const refused = yield* Effect.flip(refs.inner.startChild(worker("late")))
        assert.strictEqual(refused._tag, "SupervisorStopped")
        assert.strictEqual(yield* refs.inner.refs.b.ask("Work", { n: 1 }), 1)
        assert.deepStrictEqual(yield* names, ["b"])
        assert.deepStrictEqual(news(), ["start a", "start b"])
      })
    ),
    seeds
  )

  it.sim(
    "SUP13: an inner supervisor that is started again has counted no restarts yet",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        for (const countPer of ["supervisor", "child"] as const) {
          const inner = Supervisor.nested({ b: worker("b") }, { countPer, intensity: 1 })
          const children = { a: worker("a"), inner }
          const { refs } = yield* Supervisor.make(children, {
            strategy: "one_for_all",
            intensity: 1
          })
          for (const ref of [refs.inner.refs.b, refs.a, refs.inner.refs.b]) {
            yield* ref.tell("Crash", crash)
            yield* settle
          }
          assert.strictEqual(yield* refs.inner.refs.b.ask("Work", { n: 1 }), 1)
        }
      })
    ),
    seeds
  )

  it.sim(
    "SUP13: a child that has ended in good order is gone, also when its neighbours are restarted",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const b = Supervisor.child(worker("b"), { type: "transient" })
        const { refs } = yield* Supervisor.make(
          { a: worker("a"), b, c: worker("c") },
          { strategy: "one_for_all" }
        )
        yield* refs.b.tell("Leave")
        yield* settle
        yield* refs.a.tell("Crash", crash)
        yield* settle
        const lines = ["start a", "start b", "start c", "stop b"]
        assert.deepStrictEqual(news(), [...lines, "end a", "stop c", "start a", "start c"])
        assert.strictEqual((yield* Effect.flip(refs.b.ask("Work", { n: 1 })))._tag, "ActorStopped")
      })
    ),
    seeds
  )

  it.sim(
    "SUP14: each crash, each failed cleanup, each init that fails at a restart and each end is one line",
    () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => {
          lines.push(String(Array.isArray(message) ? message[0] : message))
        })
        const { failing, worker } = makeLog()
        const dirty = worker("a", () => Effect.addFinalizer(() => Effect.die("dirt")))
        yield* Effect.gen(function* () {
          const { join, refs } = yield* Supervisor.make({ a: dirty }, { intensity: 2 })
          yield* refs.a.tell("Crash", crash)
          yield* settle
          failing.set("a", ["no"])
          yield* refs.a.tell("Crash", crash)
          yield* Effect.exit(join)
          yield* settle
        }).pipe(
          Effect.scoped,
          Effect.provide(Layer.provide(ActorSystem.layer, Logger.layer([logger])))
        )
        assert.sameMembers(lines, [
          "/supervisor/a crashed on Crash",
          "The cleanup of /supervisor/a failed",
          "/supervisor/a crashed on Crash",
          "The cleanup of /supervisor/a failed",
          "The cleanup of /supervisor/a failed",
          "/supervisor/a failed to start",
          lines.find((line) => line.startsWith("/supervisor does not restart /supervisor/a"))
        ])
      }),
    seeds
  )

  it.sim(
    "SUP14: so are an init that fails while its supervisor stops, and a backoff that dies",
    () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => {
          lines.push(String(Array.isArray(message) ? message[0] : message))
        })
        const { worker } = makeLog()
        const dies = worker("slow", () =>
          Effect.andThen(Effect.sleep("2 seconds"), Effect.die("no"))
        )
        yield* Supervisor.make({ a: worker("a"), dies }).pipe(
          Effect.timeoutOption("1 second"),
          Effect.scoped,
          Effect.provide(Layer.provide(ActorSystem.layer, Logger.layer([logger])))
        )
        assert.deepStrictEqual(lines.splice(0), ["/supervisor/dies failed to start"])
        const backoff = Schedule.addDelay(Schedule.forever, () => Effect.die("bug"))
        yield* Effect.gen(function* () {
          const children = { a: Supervisor.child(worker("a"), { backoff }) }
          const { join, refs } = yield* Supervisor.make(children)
          yield* refs.a.tell("Crash", crash)
          yield* Effect.exit(join)
        }).pipe(
          Effect.scoped,
          Effect.provide(Layer.provide(ActorSystem.layer, Logger.layer([logger])))
        )
        yield* settle
        assert.include(lines.splice(0), "The backoff of /supervisor/a died")
        // A failure that somebody is told is no line.
        yield* Supervisor.make({ b: worker("b", () => Effect.die("no")) }).pipe(
          Effect.exit,
          Effect.scoped,
          Effect.provide(Layer.provide(ActorSystem.layer, Logger.layer([logger])))
        )
        assert.deepStrictEqual(lines, [])
      }),
    seeds
  )

  it.sim(
    "SUP20: an actor that its supervisor's children ask while it waits for their start is a cycle",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const errors: Array<string> = []
        const asking = (name: string, parent: Ref) =>
          worker(name, () =>
            Effect.matchEffect(parent.ask("Work", { n: 1 }), {
              onFailure: ({ _tag }) => Effect.sync(() => errors.push(`${name} ${_tag}`)),
              onSuccess: () => Effect.void
            })
          )
        const parent = worker("parent", ({ self }) =>
          Effect.gen(function* () {
            const inner = Supervisor.nested({ b: asking("b", self) })
            const system = yield* Layer.build(quiet)
            const made = Supervisor.make({ a: asking("a", self), inner })
            const { path, startChild } = yield* Effect.provide(made, system)
            assert.strictEqual(path, "/parent/supervisor")
            yield* startChild(asking("c", self))
          })
        )
        yield* Actor.spawn(parent, { name: "parent" })
        assert.deepStrictEqual(errors, ["a AskCycle", "b AskCycle", "c AskCycle"])
        assert.strictEqual(yield* Clock.currentTimeMillis, 0)
      })
    ),
    seeds
  )

  it.sim(
    "SUP20: a child that is started again asks an actor that does not wait for it, and is answered",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const answers: Array<number> = []
        const parent = worker("parent", ({ self }) =>
          Effect.gen(function* () {
            let starts = 0
            const child = worker("child", () =>
              starts++ === 0
                ? Effect.void
                : Effect.map(self.ask("Work", { n: 7 }), (answer) => answers.push(answer))
            )
            const system = yield* Layer.build(quiet)
            const { refs } = yield* Effect.provide(Supervisor.make({ child }), system)
            yield* refs.child.tell("Crash", crash)
            yield* Effect.sleep("1 second")
          })
        )
        yield* Actor.spawn(parent)
        yield* settle
        assert.deepStrictEqual(answers, [7])
      })
    ),
    seeds
  )

  it.sim(
    "SUP21: a system that closes stops its supervisors first, which start nothing again, and takes no more",
    () =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const scope = yield* Scope.make()
        const context = yield* Scope.provide(Layer.build(quiet), scope)
        const system = Context.get(context, ActorSystem.ActorSystem)
        const b = Supervisor.child(worker("b"), { backoff: Schedule.spaced("1 second") })
        const children = { a: worker("a"), b, c: worker("c") }
        const make = Effect.provide(Supervisor.make(children), context)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { join, refs } = yield* make
            const joined = yield* Effect.forkChild(join)
            assert.strictEqual(system.supervisors.size, 1)
            yield* refs.b.tell("Crash", crash)
            yield* settle
            news()
            yield* Scope.close(scope, Exit.void)
            yield* Effect.sleep("1 minute")
            assert.deepStrictEqual(news(), ["stop c", "stop a"])
            yield* Fiber.join(joined)
          })
        )
        assert.strictEqual(system.supervisors.size, 0)
        assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(Effect.scoped(make))))
        assert.deepStrictEqual(news(), [])
      }),
    seeds
  )

  it.sim(
    "SUP20: the children of a supervisor are no part of the span in which it was made",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const spans: Array<string | undefined> = []
        const child = worker("a", () =>
          Effect.map(Effect.option(Effect.currentSpan), (span) =>
            spans.push(Option.getOrUndefined(span)?.name)
          )
        )
        yield* Effect.withSpan(Supervisor.make({ child }), "making")
        assert.deepStrictEqual(spans, [undefined])
      })
    ),
    seeds
  )

  it.sim(
    "SUP15: numbers and names that make no sense are defects, and start nothing",
    sim(() =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const defectOf = (
          made: Effect.Effect<unknown, unknown, Scope.Scope | ActorSystem.ActorSystem>
        ) =>
          Effect.map(Effect.exit(Effect.scoped(made)), (exit) =>
            Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? Cause.squash(exit.cause) : undefined
          )
        const a = worker("a")
        for (const options of [{ intensity: -1 }, { intensity: 0.5 }, { period: 0 }]) {
          const defect = yield* defectOf(Supervisor.make({ a }, options))
          assert.instanceOf(defect, Supervisor.InvalidIntensity)
        }
        for (const name of ["", "7", "a/b"]) {
          const made = yield* defectOf(Supervisor.make({ a, [name]: a }))
          assert.instanceOf(made, Supervisor.InvalidChildName)
          const added = yield* defectOf(
            Effect.flatMap(Supervisor.make({}), ({ startChild }) => startChild(a, name))
          )
          assert.instanceOf(added, Supervisor.InvalidChildName)
        }
        assert.deepStrictEqual(log, [])
      })
    ),
    seeds
  )

  it.sim(
    "SUP16: a child that does not start stops those before it, and is the typed failure of the whole tree",
    sim(() =>
      Effect.gen(function* () {
        const { failing, log, worker } = makeLog()
        failing.set("c", ["no"])
        const inner = Supervisor.nested({ b: worker("b"), c: worker("c"), d: worker("d") })
        const error = yield* Effect.flip(Supervisor.make({ a: worker("a"), inner }))
        assert.deepStrictEqual(log, ["start a", "start b", "c fails", "stop b", "stop a"])
        assert.strictEqual(error._tag, "StartFailed")
        assert.deepInclude(error, { supervisor: "/supervisor/inner", child: "/supervisor/inner/c" })
        assert.deepStrictEqual(error.cause, Cause.fail("no"))
      })
    ),
    seeds
  )

  it.sim(
    "SUP16: a child that crashes too often while others start is a failure of the start",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const eager = worker("eager", ({ self }) => self.tell("Crash", crash))
        const slow = worker("slow", () => Effect.sleep("1 second"))
        const error = yield* Effect.flip(Supervisor.make({ eager, slow }))
        const why = Cause.squash(error.cause)
        assert.instanceOf(why, Supervisor.RestartIntensityExceeded)
        assert.strictEqual(error.child, "/supervisor/eager")
      })
    ),
    seeds
  )
})

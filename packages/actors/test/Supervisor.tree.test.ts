import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Clock, Effect, Exit, Fiber, Layer, Logger, type Scope } from "effect"
import { ActorSystem, Supervisor } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { quiet } from "./support/system.ts"
import { makeLog, settle } from "./support/worker.ts"

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
            yield* refs.inner.b.tell("Crash", crash)
            yield* settle
          }
        })
        news()
        yield* crashTwice
        assert.strictEqual(yield* refs.inner.c.ask("Work", { n: 3 }), 3)
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
          "/supervisor/a failed to start again",
          lines.find((line) => line.startsWith("/supervisor does not restart /supervisor/a"))
        ])
      }),
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

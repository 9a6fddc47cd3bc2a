import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Clock, Effect, Exit, Fiber, Layer, Random, Schedule, Scope } from "effect"
import { Actor, ActorSystem, DeadLetters, Supervisor, Watch } from "@fibra/actors"
import * as Supervision from "../src/internal/supervision.ts"
import { sim } from "./support/sim.ts"
import { quiet } from "./support/system.ts"
import { makeLog, settle } from "./support/worker.ts"

const crash = { why: "bang" }
const second = Schedule.spaced("1 second")

describe("Supervisor, where things happen at the same time", () => {
  it.sim(
    "SUP13: giving up goes up through three levels, each of which stops what it has, and says why",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const options = { intensity: 1 }
        const low = Supervisor.nested({ leaf: worker("leaf"), l: worker("l") }, options)
        const middle = Supervisor.nested({ low, m: worker("m") }, options)
        const { join, refs } = yield* Supervisor.make({ middle, t: worker("t") }, options)
        const joined = yield* Effect.forkChild(Effect.flip(join))
        const { leaf } = refs.middle.refs.low.refs
        for (let crashes = 0; crashes < 7; crashes++) {
          assert.strictEqual(yield* leaf.ask("Work", { n: 1 }), 1)
          yield* leaf.tell("Crash", crash)
          yield* settle
        }
        assert.isUndefined(joined.pollUnsafe())
        news()
        yield* leaf.tell("Crash", { why: "the eighth" })
        const top = yield* Fiber.join(joined)
        assert.deepStrictEqual(news(), ["end leaf", "stop l", "stop m", "stop t"])
        const path: Array<string> = []
        let cause: unknown = top
        while (cause instanceof Supervisor.RestartIntensityExceeded) {
          path.push(cause.child)
          cause = Cause.squash(cause.causes.at(-1)!)
        }
        const middlePath = "/supervisor/middle"
        assert.deepStrictEqual(path, [middlePath, `${middlePath}/low`, `${middlePath}/low/leaf`])
        assert.strictEqual(cause, "the eighth")
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP8: a child that is stopped in its backoff is gone, and its messages are dead letters",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const children = { a: Supervisor.child(worker("a"), { backoff: second }), b: worker("b") }
        const supervisor = yield* Supervisor.make(children)
        yield* supervisor.refs.a.tell("Crash", crash)
        yield* supervisor.refs.a.tell("Work", { n: 1 })
        const asking = yield* Effect.forkChild(Effect.flip(supervisor.refs.a.ask("Work", { n: 2 })))
        const down = yield* Effect.forkChild(Watch.awaitDown(supervisor.refs.a))
        yield* settle
        assert.isTrue(yield* supervisor.stopChild("a"))
        assert.strictEqual(yield* Clock.currentTimeMillis, 1)
        assert.strictEqual((yield* Fiber.join(asking))._tag, "ActorStopped")
        assert.strictEqual((yield* Fiber.join(down)).reason._tag, "Crashed")
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(news(), ["start a", "start b", "end a"])
        const { counts } = yield* DeadLetters.DeadLetters
        assert.deepInclude(yield* counts, { crashed: 1, stopped: 1 })
      })
    ),
    { seeds: 100 }
  )

  it.sim(
    "SUP8: an init that crashes at a restart waits for the next step of the same backoff",
    sim(() =>
      Effect.gen(function* () {
        const { failing, news, worker } = makeLog()
        const backoff = Schedule.exponential("1 second")
        const { refs } = yield* Supervisor.make({ a: worker("a") }, { backoff, intensity: 10 })
        failing.set("a", ["no", "no"])
        yield* refs.a.tell("Crash", crash)
        yield* refs.a.ask("Work", { n: 1 }, { timeout: "1 hour" })
        assert.strictEqual(yield* Clock.currentTimeMillis, 1000 + 2000 + 4000)
        assert.deepStrictEqual(news(), ["start a", "end a", "a fails", "a fails", "start a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "SUP11: a child that is killed in its cleanup ends when that is over, once",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const slow = worker("a", () => Effect.addFinalizer(() => Effect.sleep("1 second")))
        const { refs } = yield* Supervisor.make({ a: slow })
        yield* refs.a.tell("Crash", crash)
        yield* settle
        yield* Effect.all([Actor.kill(refs.a), Actor.kill(refs.a), Actor.stop(refs.a)], {
          concurrency: "unbounded"
        })
        assert.strictEqual(yield* Clock.currentTimeMillis, 1000)
        assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
        assert.deepStrictEqual(news(), ["start a", "end a", "start a"])
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "WAT3: a watch of an actor that waits for its restart is one of the actor, and not of what crashed",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { refs } = yield* Supervisor.make({ a: worker("a") }, { backoff: second })
        yield* refs.a.tell("Crash", crash)
        yield* settle
        const down = yield* Effect.forkChild(Watch.awaitDown(refs.a))
        yield* Effect.sleep("1 minute")
        assert.isUndefined(down.pollUnsafe())
        assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
      }).pipe(Effect.scoped)
    ),
    { seeds: 30 }
  )

  it.sim(
    "MBX2, MBX4, MBX6: an actor that waits for its restart takes as many messages as ever, and handles them afterwards",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const child = (name: string, overflow: "suspend" | "fail" | "dropOldest") =>
          Supervisor.child(worker(name), { capacity: 2, overflow })
        const { refs } = yield* Supervisor.make(
          {
            waits: child("w", "suspend"),
            fails: child("f", "fail"),
            drops: child("d", "dropOldest")
          },
          { backoff: second }
        )
        const all = [refs.waits, refs.fails, refs.drops]
        for (const ref of all) yield* ref.tell("Crash", crash)
        yield* settle
        for (const ref of all) for (const n of [1, 10]) yield* ref.tell("Work", { n })
        const waiting = yield* Effect.forkChild(refs.waits.tell("Work", { n: 100 }))
        const full = yield* Effect.flip(refs.fails.tell("Work", { n: 100 }))
        assert.strictEqual(full._tag, "MailboxFull")
        yield* refs.drops.tell("Work", { n: 100 })
        yield* settle
        assert.isUndefined(waiting.pollUnsafe())
        yield* Fiber.join(waiting)
        // An ask of a mailbox that is still full would be refused, or drop a message itself.
        yield* settle
        const totals = yield* Effect.forEach(all, (ref) => ref.ask("Work", { n: 0 }))
        assert.deepStrictEqual(totals, [111, 11, 110])
      })
    ),
    { seeds: 100 }
  )

  it.sim(
    "SUP6: rest_for_one stops and starts a child that was added as the last one, within its budget",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const children = { a: worker("a"), b: worker("b") }
        const supervisor = yield* Supervisor.make(children, { strategy: "rest_for_one" })
        const added = yield* supervisor.startChild(worker("c"), "c")
        news()
        yield* supervisor.refs.a.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(news(), [
          "end a",
          "stop c",
          "stop b",
          "start a",
          "start b",
          "start c"
        ])
        yield* added.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(news(), ["end c", "start c"])
      })
    ),
    { seeds: 100 }
  )

  it.sim(
    "SUP3: restarts are counted by a clock that nobody sets",
    () =>
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        let offset = 0
        const set: Clock.Clock = {
          currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + offset,
          currentTimeMillis: Effect.sync(() => clock.currentTimeMillisUnsafe() + offset),
          currentTimeNanosUnsafe: () =>
            clock.currentTimeNanosUnsafe() + BigInt(offset) * 1_000_000n,
          currentTimeNanos: Effect.sync(() => set.currentTimeNanosUnsafe()),
          monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
          monotonicTimeNanos: clock.monotonicTimeNanos,
          sleep: (duration) => clock.sleep(duration)
        }
        yield* Effect.gen(function* () {
          const { worker } = makeLog()
          const { join, refs } = yield* Supervisor.make({ a: worker("a") }, { intensity: 2 })
          const joined = yield* Effect.forkChild(Effect.flip(join))
          const crashAfter = (millis: number) =>
            Effect.gen(function* () {
              yield* Effect.sleep(millis)
              yield* refs.a.tell("Crash", crash)
              yield* settle
            })
          // Back and forth by an hour: three crashes in 13 seconds, then three in 2.
          for (const hours of [0, -1, 1]) {
            offset = hours * 3_600_000
            yield* crashAfter(5001)
          }
          assert.isUndefined(joined.pollUnsafe())
          offset = 10 * 3_600_000
          yield* crashAfter(1000)
          assert.isUndefined(joined.pollUnsafe())
          offset = 20 * 3_600_000
          yield* crashAfter(1000)
          assert.strictEqual((yield* Fiber.join(joined))._tag, "RestartIntensityExceeded")
        }).pipe(Effect.scoped, Effect.provide(quiet), Effect.provideService(Clock.Clock, set))
      }),
    { seeds: 10 }
  )

  it.sim(
    "SUP21: a system that closes while a supervisor is made in it, at whatever moment, has nothing left",
    () =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const ending = yield* Scope.make()
        const system = yield* Layer.buildWithScope(quiet, ending)
        const slow = worker("slow", () => Effect.sleep("1 millis"))
        const making = yield* Supervisor.make({
          a: worker("a"),
          in: Supervisor.nested({ slow })
        }).pipe(Effect.provide(system), Effect.exit, Effect.forkChild)
        for (let turn = yield* Random.nextIntBetween(0, 6); turn > 0; turn--) yield* Effect.yieldNow
        yield* Effect.sleep(yield* Random.nextIntBetween(0, 2))
        yield* Scope.close(ending, Exit.void)
        yield* Fiber.join(making)
        yield* Effect.sleep("1 second")
        assert.deepStrictEqual(yield* Effect.provide(ActorSystem.snapshot, system), [])
        const [started, ended] = [/^start/, /^stop/].map(
          (what) => log.filter((line) => what.test(line)).length
        )
        assert.strictEqual(started, ended)
      }),
    { seeds: 1000 }
  )

  it.sim(
    "SUP21: one that was stopped for good before it started does not start",
    sim(() =>
      Effect.gen(function* () {
        const system = yield* ActorSystem.ActorSystem
        const settings = { strategy: "one_for_one", intensity: 3, period: 5000 } as const
        const supervision = Supervision.make(
          system,
          "/s",
          { ...settings, countPer: "supervisor" },
          { isLast: true, gaveUp: () => {} }
        )
        let started: Exit.Exit<void, unknown> | undefined
        supervision.halt(true, () => {})
        supervision.start((exit) => {
          started = exit
        })
        yield* settle
        assert.isTrue(started !== undefined && Exit.hasInterrupts(started))
        assert.isFalse(supervision.isOpen)
      })
    ),
    { seeds: 1 }
  )

  it.sim(
    "ACT17: a Scope that closes while an actor starts in it, at whatever moment, has no actor left",
    () =>
      Effect.gen(function* () {
        const { log, worker } = makeLog()
        const system = yield* Layer.build(quiet)
        const scope = yield* Scope.make()
        const parent = worker("parent", ({ spawn }) =>
          Effect.andThen(
            spawn(worker("child", () => Effect.sleep("1 millis"))),
            Effect.sleep("1 millis")
          )
        )
        const spawning = yield* Actor.spawn(parent, { shutdown: "1 millis" }).pipe(
          Scope.provide(scope),
          Effect.provide(system),
          Effect.exit,
          Effect.forkChild
        )
        for (let turn = yield* Random.nextIntBetween(0, 6); turn > 0; turn--) yield* Effect.yieldNow
        yield* Effect.sleep(yield* Random.nextIntBetween(0, 3))
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.join(spawning)
        assert.deepStrictEqual(yield* Effect.provide(ActorSystem.snapshot, system), [])
        const [started, ended] = [/^start/, /^(stop|end)/].map(
          (what) => log.filter((line) => what.test(line)).length
        )
        assert.strictEqual(started, ended)
      }),
    { seeds: 1000 }
  )
})

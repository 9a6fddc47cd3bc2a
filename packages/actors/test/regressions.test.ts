/** Bugs that other actor libraries have had, by the titles under which they were reported. */
import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Clock, Effect, Exit, Fiber, Layer, Logger, Schedule, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import {
  Actor,
  type ActorRef,
  ActorSystem,
  Behavior,
  DeadLetters,
  Registry,
  Supervisor,
  Watch
} from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { quiet } from "./support/system.ts"
import { makeLog, settle, Work } from "./support/worker.ts"

type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Work>>

const crash = { why: "bang" }
const seeds = { seeds: 50 }
const letters = Effect.flatMap(DeadLetters.DeadLetters, ({ all }) => all)

describe("bugs of actor-ts", () => {
  it.sim(
    "WAT4: a throwing constructor leaves a zombie, and watchers are never told (#914)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        let zombie: Ref | undefined
        let told: Fiber.Fiber<unknown> | undefined
        const throwing = worker("a", (context) =>
          Effect.gen(function* () {
            zombie = context.self
            const down = Watch.awaitDown(zombie)
            told = yield* Effect.forkDetach(down, { startImmediately: true })
            throw new Error("thrown")
          })
        )
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Actor.spawn(throwing))))
        assert.deepInclude(yield* Fiber.join(told!), { path: zombie!.path })
        assert.strictEqual((yield* Effect.flip(zombie!.ask("Work", { n: 1 })))._tag, "ActorStopped")
        const { cells } = yield* ActorSystem.ActorSystem
        assert.strictEqual(cells.size, 0)
      })
    ),
    seeds
  )

  it.sim(
    "SUP12: a system that waits for its actors to terminate spins (#915)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const slow = worker("slow", () => Effect.addFinalizer(() => Effect.sleep("1 hour")))
        const steps = yield* Effect.scoped(
          Effect.gen(function* () {
            yield* Supervisor.make({ slow })
            return yield* Clock.currentTimeMillis
          })
        )
        // Spinning would take more steps than the simulator allows, and no time would pass.
        assert.strictEqual((yield* Clock.currentTimeMillis) - steps, 3_600_000)
      })
    ),
    { seeds: 5, stepsMax: 2000 }
  )

  it.sim(
    "SUP14: a restart loop leaves no trace in the log (#916)",
    () =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        const logger = Logger.make(({ message }) => {
          lines.push(String(Array.isArray(message) ? message[0] : message))
        })
        const { worker } = makeLog()
        yield* Effect.gen(function* () {
          const { refs } = yield* Supervisor.make({ a: worker("a") }, { intensity: 10 })
          for (let count = 0; count < 10; count++) yield* refs.a.tell("Crash", crash)
          yield* settle
        }).pipe(
          Effect.scoped,
          Effect.provide(Layer.provide(ActorSystem.layer, Logger.layer([logger])))
        )
        assert.deepStrictEqual(
          lines,
          Array.from({ length: 10 }, () => "/supervisor/a crashed on Crash")
        )
      }),
    seeds
  )

  it.sim(
    "SUP9: children share one restart budget, so that one of them uses up that of the others (#917)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const children = { a: worker("a"), b: worker("b") }
        const { refs } = yield* Supervisor.make(children, { intensity: 2, countPer: "child" })
        for (const ref of [refs.a, refs.a, refs.b, refs.b]) {
          yield* ref.tell("Crash", crash)
          yield* settle
        }
        assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
        assert.strictEqual(yield* refs.b.ask("Work", { n: 1 }), 1)
      })
    ),
    seeds
  )

  it.sim(
    "WAT1: a watch of an actor of another system does nothing (#918)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const elsewhere = yield* Layer.build(Layer.fresh(quiet))
        const other = yield* Effect.provide(Actor.spawn(worker("other")), elsewhere)
        const Watcher = RpcGroup.make(Rpc.make("Gone"), Rpc.make("Count", { success: Schema.Int }))
        const watcher = Behavior.make(
          Watcher,
          (context) =>
            Effect.as(
              context.watch(other, "Gone", () => undefined),
              0
            ),
          {
            Gone: (_, count) => Effect.succeed([undefined, count + 1] as const),
            Count: (_, count) => Effect.succeed([count, count] as const)
          }
        )
        const ref = yield* Actor.spawn(watcher)
        yield* Actor.kill(other)
        yield* settle
        assert.strictEqual(yield* ref.ask("Count"), 1)
      })
    ),
    seeds
  )

  it.sim(
    "SUP19: a full mailbox throws into its sender, whose supervisor restarts it (#919)",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const full = yield* Actor.spawn(worker("full"), { capacity: 1, overflow: "fail" })
        yield* full.tell("Hang")
        yield* settle
        const Sender = RpcGroup.make(Rpc.make("Send", { success: Schema.String }))
        const sender = Behavior.make(Sender, () => Effect.sync(() => news()), {
          Send: (_, state) =>
            Effect.map(
              Effect.match(full.tell("Work", { n: 1 }), {
                onFailure: ({ _tag }) => _tag,
                onSuccess: () => "sent"
              }),
              (result) => [result, state] as const
            )
        })
        const { children, refs } = yield* Supervisor.make({ sender }, { intensity: 0 })
        assert.strictEqual(yield* refs.sender.ask("Send"), "sent")
        assert.strictEqual(yield* refs.sender.ask("Send"), "MailboxFull")
        assert.deepStrictEqual(
          (yield* children).map(({ status }) => status),
          ["running"]
        )
        yield* Actor.kill(full)
      })
    ),
    seeds
  )

  it.sim(
    "SUP19: what was put aside is dropped without dead letters (#518)",
    sim(() =>
      Effect.gen(function* () {
        const Later = RpcGroup.make(Rpc.make("Later", { payload: { n: Schema.Int } }))
        const later = Behavior.make(Later, () => Effect.succeed(0), {
          Later: (_payload, _state, { stash }) => stash
        })
        const ref = yield* Actor.spawn(later)
        for (const n of [1, 2, 3]) yield* ref.tell("Later", { n })
        yield* settle
        yield* Actor.stop(ref)
        assert.deepStrictEqual(
          (yield* letters).map(({ payload, reason }) => [payload, reason]),
          [1, 2, 3].map((n) => [{ n }, "stopped"])
        )
      })
    ),
    seeds
  )

  it.sim(
    "REG1: two living actors have one name (#1166)",
    sim(() =>
      Effect.gen(function* () {
        const Desk = Registry.name("desk", Work)
        const { register } = yield* Registry.Registry
        const { worker } = makeLog()
        let holders = 0
        const holder = worker("a", ({ self }) =>
          Effect.gen(function* () {
            yield* register(Desk, self)
            assert.strictEqual(++holders, 1)
            yield* Effect.addFinalizer(() => Effect.sync(() => holders--))
          })
        )
        const options = { intensity: 100, backoff: Schedule.spaced("1 millis") }
        const supervisors = [0, 1, 2].map((index) =>
          Effect.exit(
            Effect.gen(function* () {
              const { refs } = yield* Supervisor.make({ holder }, { ...options, name: `s${index}` })
              yield* refs.holder.tell("Crash", crash)
              yield* Effect.sleep("3 millis")
            }).pipe(Effect.scoped)
          )
        )
        const exits = yield* Effect.all(supervisors, { concurrency: "unbounded" })
        assert.isTrue(exits.some(Exit.isSuccess))
        assert.strictEqual(holders, 0)
      }).pipe(Effect.provide(Registry.layer))
    ),
    { seeds: 200 }
  )

  it.sim(
    "SUP6: every restart gives a new budget, so that it is never used up (#1241)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, refs } = yield* Supervisor.make({ a: worker("a") })
        const joined = yield* Effect.forkChild(Effect.flip(join))
        for (let count = 0; count < 4; count++) {
          assert.isUndefined(joined.pollUnsafe())
          assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
          yield* refs.a.tell("Crash", crash)
          yield* Effect.sleep("1 second")
        }
        assert.strictEqual((yield* Fiber.join(joined))._tag, "RestartIntensityExceeded")
      })
    ),
    seeds
  )

  it.sim(
    "SUP6: all-for-one together with a window was never tested (#1019)",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const { join, refs } = yield* Supervisor.make(
          { a: worker("a"), b: worker("b"), c: worker("c") },
          { strategy: "one_for_all", intensity: 1, period: "1 second" }
        )
        const joined = yield* Effect.forkChild(Effect.flip(join))
        for (const millis of [0, 1001, 1001]) {
          yield* Effect.sleep(`${millis} millis`)
          yield* refs.b.tell("Crash", crash)
          yield* settle
        }
        assert.isUndefined(joined.pollUnsafe())
        news()
        yield* refs.b.tell("Crash", crash)
        yield* Fiber.join(joined)
        assert.deepStrictEqual(news(), ["end b", "stop c", "stop a"])
      })
    ),
    seeds
  )

  it.sim(
    "SUP8: a child that crashes is restarted without any pause (#665)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { refs } = yield* Supervisor.make(
          { a: worker("a") },
          { intensity: 3, backoff: Schedule.exponential("1 second") }
        )
        for (let count = 0; count < 3; count++) yield* refs.a.tell("Crash", crash)
        yield* refs.a.ask("Work", { n: 1 }, { timeout: "1 hour" })
        assert.strictEqual(yield* Clock.currentTimeMillis, 1000 + 2000 + 4000)
      })
    ),
    seeds
  )
})

describe("bugs of xstate", () => {
  it.sim(
    "MBX4, DLQ1: what is sent to an actor that is gone, or beyond what it can take, is kept for ever or lost (#2870)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const busy = yield* Actor.spawn(worker("busy"), { capacity: 10, overflow: "dropOldest" })
        yield* busy.tell("Hang")
        yield* settle
        for (let n = 0; n < 2000; n++) yield* busy.tell("Work", { n })
        const [actor] = yield* ActorSystem.snapshot
        assert.strictEqual(actor?.counts.queued, 11)
        yield* Actor.kill(busy)
        for (let n = 0; n < 500; n++) yield* busy.tell("Work", { n })
        const { counts } = yield* DeadLetters.DeadLetters
        assert.deepInclude(yield* counts, { droppedOldest: 1990, killed: 1, stopped: 510 })
        const kept = yield* letters
        assert.strictEqual(kept.length, 1000, "as many as are kept, and no more")
        assert.deepStrictEqual(kept.at(-1)?.payload, { n: 499 })
      })
    ),
    { seeds: 5 }
  )

  it.sim(
    "SUP4: an actor cannot be reset to its first state by who supervises it (#3902)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { refs } = yield* Supervisor.make({ a: worker("a") })
        assert.strictEqual(yield* refs.a.ask("Work", { n: 7 }), 7)
        yield* Actor.kill(refs.a)
        assert.strictEqual(yield* refs.a.ask("Work", { n: 1 }), 1)
      })
    ),
    seeds
  )
})

describe("bugs of nact", () => {
  it.sim(
    "ASK3: a query that times out leaves its handler running, and fails without a type",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const ref = yield* Actor.spawn(worker("a"))
        const error = yield* Effect.flip(ref.ask("Hang", undefined, { timeout: "1 second" }))
        assert.deepInclude(error, { _tag: "AskTimeout", tag: "Hang" })
        assert.strictEqual(yield* ref.ask("Work", { n: 1 }), 1)
        assert.strictEqual(yield* Clock.currentTimeMillis, 1000)
      })
    ),
    seeds
  )
})

describe("bugs of Orleans", () => {
  it.sim(
    "ASK6: actors that call each other in a circle wait until their calls time out (#3184)",
    sim(() =>
      Effect.gen(function* () {
        const Call = RpcGroup.make(Rpc.make("Call", { success: Schema.Array(Schema.String) }))
        const refs: Array<ActorRef.ActorRef<RpcGroup.Rpcs<typeof Call>>> = []
        const caller = (next: number) =>
          Behavior.make(Call, () => Effect.void, {
            Call: () =>
              refs[next]!.ask("Call").pipe(
                Effect.catchTag("AskCycle", ({ path }) => Effect.succeed(path)),
                Effect.orDie,
                Effect.map((path) => [path, undefined] as const)
              )
          })
        for (const next of [1, 2, 0]) refs.push(yield* Actor.spawn(caller(next)))
        assert.deepStrictEqual(yield* refs[0]!.ask("Call"), ["/1", "/2", "/3", "/1"])
        assert.strictEqual(yield* Clock.currentTimeMillis, 0)
      })
    ),
    seeds
  )
})

describe("bugs of kameo", () => {
  it.sim(
    "SUP4: the mailbox is lost when the actor is restarted (#335, #345)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { refs } = yield* Supervisor.make(
          { a: worker("a") },
          { backoff: Schedule.spaced("1 second") }
        )
        yield* refs.a.tell("Crash", crash)
        yield* Effect.forEach([1, 2, 3], (n) => refs.a.tell("Work", { n }))
        assert.strictEqual(yield* refs.a.ask("Work", { n: 4 }), 10)
        assert.deepStrictEqual(
          (yield* letters).map(({ tag }) => tag),
          ["Crash"]
        )
      })
    ),
    seeds
  )

  it.sim(
    "SUP19: the mailbox is lost when the restart budget is used up (#364)",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, refs } = yield* Supervisor.make({ a: worker("a") }, { intensity: 0 })
        const joined = yield* Effect.forkChild(Effect.flip(join))
        yield* refs.a.tell("Crash", crash)
        yield* Effect.forEach([1, 2], (n) => refs.a.tell("Work", { n }))
        const asked = yield* Effect.flip(refs.a.ask("Work", { n: 3 }))
        const error = yield* Fiber.join(joined)
        assert.strictEqual(asked._tag, "ActorStopped")
        assert.strictEqual(Cause.squash(error.causes[0]!), "bang")
        assert.deepStrictEqual(
          (yield* letters).map(({ reason, tag }) => `${tag} ${reason}`).toSorted(),
          ["Crash crashed", "Work stopped", "Work stopped"]
        )
      })
    ),
    seeds
  )
})

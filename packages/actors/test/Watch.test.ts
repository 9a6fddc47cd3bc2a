import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Effect, Exit, Fiber, Latch, Layer, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, type ActorRef, Behavior, type Down, Supervisor, Watch } from "@fibra/actors"
import { more } from "../src/internal/cell.ts"
import { cellOf } from "../src/internal/localRef.ts"
import { sim } from "./support/sim.ts"
import { quiet } from "./support/system.ts"
import { makeLog, settle, Work } from "./support/worker.ts"

const crash = { why: "bang" }

const Watcher = RpcGroup.make(
  Rpc.make("Watch"),
  Rpc.make("Unwatch"),
  Rpc.make("Gone", { payload: { why: Schema.String } }),
  Rpc.make("Tell", { success: Schema.Array(Schema.String) })
)

type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Work>>

/** An actor that watches another one when it is told to, and notes what it hears of it. */
const watcher = (other: Ref, gate?: Latch.Latch) =>
  Behavior.make(Watcher, () => Effect.succeed<ReadonlyArray<string>>([]), {
    Watch: (_, heard, context) =>
      Effect.as(
        context.watch(other, "Gone", ({ reason }: Down.Down) => ({ why: reason._tag })),
        [undefined, heard] as const
      ),
    Unwatch: (_, heard, context) =>
      Effect.gen(function* () {
        if (gate !== undefined) yield* gate.await
        yield* context.unwatch(other)
        return [undefined, [...heard, "unwatched"]] as const
      }),
    Gone: ({ why }, heard) => Effect.succeed([undefined, [...heard, why]] as const),
    Tell: (_, heard) => Effect.succeed([heard, heard] as const)
  })

describe("Watch", () => {
  it.sim(
    "WAT1, WAT2: whoever watches is told exactly once, and whoever has ended its watch is not told",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const other = yield* Actor.spawn(worker("a"))
        const once = yield* Actor.spawn(watcher(other))
        const ended = yield* Actor.spawn(watcher(other))
        yield* ended.tell("Watch")
        const down = yield* Effect.forkChild(Watch.awaitDown(other))
        yield* Effect.all([once.tell("Watch"), other.tell("Crash", crash), ended.tell("Unwatch")], {
          concurrency: "unbounded"
        })
        yield* settle
        const [heard, ...more] = yield* once.ask("Tell")
        assert.include(["Crashed", "NotFound"], heard)
        assert.deepStrictEqual(more, [])
        assert.match((yield* ended.ask("Tell")).join(), /^((Crashed|NotFound),)?unwatched$/)
        const { id, path, reason } = yield* Fiber.join(down)
        assert.deepStrictEqual([id, path], [other.id, other.path])
        assert.include(["Crashed", "NotFound"], reason._tag)
      })
    ),
    { seeds: 1000 }
  )

  it.sim(
    "WAT2: the message of a watch that ends is taken back out of the mailbox",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const other = yield* Actor.spawn(worker("a"))
        const gate = yield* Latch.make()
        const ref = yield* Actor.spawn(watcher(other, gate))
        yield* ref.tell("Watch")
        yield* ref.tell("Unwatch")
        yield* settle
        yield* Actor.stop(other)
        yield* gate.open
        assert.deepStrictEqual(yield* ref.ask("Tell"), ["unwatched"])
      })
    )
  )

  it.sim(
    "WAT3: an actor that is started again is not gone, and one whose supervisor gives it up is",
    sim(() =>
      Effect.gen(function* () {
        const { failing, worker } = makeLog()
        const options = { intensity: 2, countPer: "child" } as const
        const { refs } = yield* Supervisor.make({ a: worker("a"), b: worker("b") }, options)
        const down = yield* Effect.forkChild(Watch.awaitDown(refs.a))
        yield* refs.a.tell("Crash", crash)
        yield* settle
        assert.isUndefined(down.pollUnsafe())
        failing.set("a", ["no", "no", "no"])
        yield* refs.a.tell("Crash", crash)
        const { reason } = yield* Fiber.join(down)
        const cause = reason._tag === "Crashed" ? Cause.squash(reason.cause) : undefined
        assert.instanceOf(cause, Supervisor.RestartIntensityExceeded)
      })
    )
  )

  it.sim(
    "WAT4: an actor that is gone is reported at once, also one that its init has thrown out",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        let self: Ref | undefined
        const throwing = worker("a", (context) => {
          self = context.self
          throw new Error("thrown")
        })
        const exit = yield* Effect.exit(Actor.spawn(throwing))
        assert.isTrue(Exit.isFailure(exit))
        assert.strictEqual((yield* Watch.awaitDown(self!)).reason._tag, "NotFound")
        const killed = yield* Actor.spawn(worker("b"))
        yield* Actor.kill(killed)
        assert.strictEqual((yield* Watch.awaitDown(killed)).reason._tag, "NotFound")
      })
    )
  )

  it.sim.everyCancel("WAT4: an interrupted wait leaves no watch behind", () =>
    Effect.gen(function* () {
      const { worker } = makeLog()
      const system = yield* Layer.build(quiet)
      const ref = yield* Effect.provide(Actor.spawn(worker("a")), system)
      return {
        program: Effect.raceFirst(Watch.awaitDown(ref), settle),
        observe: Effect.sync(() => more(cellOf(ref)!).watchers.size)
      }
    })
  )

  it.sim(
    "WAT5: a linked actor crashes when the other is gone otherwise than in good order, and once it is",
    sim(() =>
      Effect.gen(function* () {
        const { failing, news, worker } = makeLog()
        const reasons = yield* Effect.forEach(["Leave", "kill"] as const, (how) =>
          Effect.gen(function* () {
            const other = yield* Actor.spawn(worker("other"))
            const linked = worker("linked", ({ self }) => Watch.link(self, other))
            const { join } = yield* Supervisor.make({ linked }, { intensity: 1 })
            const joined = yield* Effect.forkChild(Effect.flip(join))
            if (how === "kill") yield* Actor.kill(other)
            else yield* other.tell("Leave")
            yield* settle
            if (how === "Leave") return yield* Fiber.interrupt(joined)
            const { causes } = yield* Fiber.join(joined)
            assert.isTrue(causes.every(Cause.hasDies))
            return causes.map((cause) => Cause.squash(cause))
          }).pipe(Effect.scoped)
        )
        const tags = (reasons[1] ?? []).map((defect) =>
          defect instanceof Watch.LinkedActorDown ? defect.down.reason._tag : defect
        )
        assert.deepStrictEqual(tags, ["Killed", "NotFound"])
        assert.deepStrictEqual(news().slice(0, 4), [
          "start other",
          "start linked",
          "stop other",
          "stop linked"
        ])
        failing.clear()
      })
    )
  )

  it.sim(
    "WAT4, WAT5: what is no actor of this process is gone for a watch and for a link",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const known = yield* Actor.spawn(worker("a"))
        const elsewhere: Ref = { ...known, path: "/elsewhere", id: 1000 }
        assert.deepInclude(yield* Watch.awaitDown(elsewhere), { path: "/elsewhere" })
        const watching = yield* Actor.spawn(watcher(elsewhere))
        yield* watching.tell("Watch")
        assert.deepStrictEqual(yield* watching.ask("Tell"), ["NotFound"])
        const linked = worker("b", ({ self }) => Watch.link(self, elsewhere))
        const down = yield* Watch.awaitDown(yield* Actor.spawn(linked))
        assert.include(["Crashed", "NotFound"], down.reason._tag)
      })
    ),
    { seeds: 30 }
  )

  it.sim(
    "WAT5: a link ends with the incarnation that made it",
    sim(() =>
      Effect.gen(function* () {
        const { news, worker } = makeLog()
        const other = yield* Actor.spawn(worker("other"))
        let links = 0
        const once = worker("once", ({ self }) =>
          links++ === 0 ? Watch.link(self, other) : Effect.void
        )
        const { refs } = yield* Supervisor.make({ once }, { intensity: 1 })
        yield* refs.once.tell("Crash", crash)
        yield* settle
        yield* Actor.kill(other)
        yield* settle
        assert.deepStrictEqual(news().slice(1), [
          "start once",
          "end once",
          "start once",
          "end other"
        ])
      })
    )
  )
})

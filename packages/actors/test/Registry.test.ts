import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Effect, Exit, Option, Random } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, Registry, Supervisor } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { makeLog, settle, Work } from "./support/worker.ts"

const Desk = Registry.name("desk", Work)
const crash = { why: "bang" }

const named = Effect.flatMap(Registry.Registry, ({ find }) =>
  Effect.map(find(Desk), (found) => Option.getOrUndefined(found)?.path)
)

describe("Registry", () => {
  it.sim(
    "REG1: a name has at most one living actor, and forgets it when it is gone",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { names, register } = yield* Registry.Registry
        const alice = yield* Actor.spawn(worker("a"), { name: "alice" })
        const bob = yield* Actor.spawn(worker("b"), { name: "bob" })
        yield* register(Desk, alice)
        yield* register(Desk, alice)
        const error = yield* Effect.flip(register(Desk, bob))
        assert.deepInclude(error, { _tag: "NameTaken", name: "desk", by: "/alice" })
        assert.deepStrictEqual(yield* names, ["desk"])
        yield* Actor.stop(alice)
        assert.isUndefined(yield* named)
        assert.deepStrictEqual(yield* names, [])
        yield* register(Desk, bob)
        assert.strictEqual(yield* named, "/bob")
      }).pipe(Effect.provide(Registry.layer))
    )
  )

  it.sim(
    "REG1: of those that want a name at the same time one gets it, and never two have it",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { register } = yield* Registry.Registry
        const living = new Set<string>()
        const contend = (name: string) =>
          Effect.gen(function* () {
            const ref = yield* Actor.spawn(worker(name), { name })
            const won = Exit.isSuccess(yield* Effect.exit(register(Desk, ref)))
            if (won) {
              assert.strictEqual(living.size, 0)
              living.add(name)
              assert.strictEqual(yield* named, `/${name}`)
              if (yield* Random.nextBoolean) yield* Effect.yieldNow
              living.delete(name)
            }
            yield* Actor.kill(ref)
            return won
          })
        const names = Array.from({ length: 3 }, (_, index) => `n${index}`)
        const won = yield* Effect.forEach(names, contend, { concurrency: "unbounded" })
        assert.include(won, true)
        assert.isUndefined(yield* named)
      }).pipe(Effect.provide(Registry.layer))
    ),
    { seeds: 1000 }
  )

  it.sim(
    "REG2: an actor keeps its name across crashes, and loses it when it is taken back",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { register, unregister } = yield* Registry.Registry
        const children = { a: worker("a"), b: worker("b") }
        const { refs, stopChild } = yield* Supervisor.make(children)
        yield* register(Desk, refs.a)
        yield* refs.a.tell("Crash", crash)
        yield* settle
        assert.strictEqual(yield* named, "/supervisor/a")
        assert.isFalse(yield* unregister(Desk, refs.b))
        assert.isTrue(yield* unregister(Desk, refs.a))
        assert.isFalse(yield* unregister(Desk, refs.a))
        yield* register(Desk, refs.b)
        yield* stopChild("a")
        assert.strictEqual(yield* named, "/supervisor/b")
      }).pipe(Effect.provide(Registry.layer))
    )
  )

  it.sim(
    "REG3: an actor that is gone gets no name, and one with another protocol is a defect",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { find, register } = yield* Registry.Registry
        const gone = yield* Actor.spawn(worker("gone"))
        yield* Actor.stop(gone)
        assert.strictEqual((yield* Effect.flip(register(Desk, gone)))._tag, "ActorStopped")
        yield* register(Desk, yield* Actor.spawn(worker("a"), { name: "a" }))
        const other = Registry.name("desk", RpcGroup.make(Rpc.make("Other")))
        const exit = yield* Effect.exit(find(other))
        const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.instanceOf(defect, Registry.OtherProtocol)
        assert.deepInclude(defect, { name: "desk", by: "/a" })
      }).pipe(Effect.provide(Registry.layer))
    )
  )
})

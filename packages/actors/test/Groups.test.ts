import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Effect, Fiber, Stream } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, Behavior, Groups, Supervisor } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { makeLog, settle, watchersOf, Work } from "./support/worker.ts"

const Workers = Groups.group("workers", Work)
const crash = { why: "bang" }

const paths = (refs: ReadonlyArray<{ readonly path: string }>) => refs.map(({ path }) => path)
const now = Effect.flatMap(Groups.Groups, ({ members }) => Effect.map(members(Workers), paths))

describe("Groups", () => {
  it.sim(
    "GRP1: members stand in the order in which they joined, until they leave or are gone",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, leave, names } = yield* Groups.Groups
        const { refs } = yield* Supervisor.make({
          a: worker("a"),
          b: worker("b"),
          c: Supervisor.child(worker("c"), { type: "temporary" })
        })
        for (const ref of [refs.b, refs.c, refs.a, refs.b]) yield* join(Workers, ref)
        assert.strictEqual(watchersOf(refs.b), 1)
        assert.deepStrictEqual(yield* now, ["/supervisor/b", "/supervisor/c", "/supervisor/a"])
        yield* refs.a.tell("Crash", crash)
        yield* refs.c.tell("Crash", crash)
        yield* settle
        assert.deepStrictEqual(yield* now, ["/supervisor/b", "/supervisor/a"])
        assert.isTrue(yield* leave(Workers, refs.b))
        assert.isFalse(yield* leave(Workers, refs.b))
        assert.strictEqual(watchersOf(refs.b), 0)
        assert.deepStrictEqual(yield* now, ["/supervisor/a"])
        assert.deepStrictEqual(yield* names, ["workers"])
        assert.isTrue(yield* leave(Workers, refs.a))
        assert.deepStrictEqual(yield* names, [])
        assert.strictEqual((yield* Effect.flip(join(Workers, refs.c)))._tag, "ActorStopped")
      }).pipe(Effect.provide(Groups.layer))
    )
  )

  it.sim(
    "GRP2: a reader of changes sees the members now and every last change, and ends with its Scope",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { changes, join, names } = yield* Groups.Groups
        const a = yield* Actor.spawn(worker("a"), { name: "a" })
        const b = yield* Actor.spawn(worker("b"), { name: "b" })
        yield* join(Workers, a)
        const seen: Array<ReadonlyArray<string>> = []
        const reader = yield* Effect.forkChild(
          Stream.runForEach(changes(Workers), (refs) =>
            Effect.sync(() => {
              seen.push(paths(refs))
            })
          )
        )
        yield* settle
        assert.deepStrictEqual(seen.splice(0), [["/a"]])
        yield* join(Workers, b)
        yield* settle
        assert.deepStrictEqual(seen.splice(0), [["/a", "/b"]])
        yield* Actor.stop(a)
        yield* Actor.stop(b)
        yield* settle
        assert.deepStrictEqual(seen.at(-1), [])
        assert.deepStrictEqual(yield* names, ["workers"])
        yield* Fiber.interrupt(reader)
        assert.deepStrictEqual(yield* names, [])
      }).pipe(Effect.provide(Groups.layer))
    )
  )

  it.sim(
    "GRP2: a reader that is slow skips what is in between",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { changes, join, leave } = yield* Groups.Groups
        const a = yield* Actor.spawn(worker("a"))
        const seen: Array<number> = []
        const reader = yield* Effect.forkChild(
          Stream.runForEach(changes(Workers), (refs) =>
            Effect.andThen(
              Effect.sleep("1 second"),
              Effect.sync(() => seen.push(refs.length))
            )
          )
        )
        yield* settle
        for (let count = 0; count < 50; count++) {
          yield* join(Workers, a)
          yield* leave(Workers, a)
        }
        yield* join(Workers, a)
        yield* Effect.sleep("10 seconds")
        yield* Fiber.interrupt(reader)
        assert.strictEqual(seen.at(-1), 1)
        assert.isAtMost(seen.length, 4)
      }).pipe(Effect.provide(Groups.layer))
    )
  )

  it.sim(
    "GRP3: members that do not understand the protocol of a group are not seen through it",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const { join, members } = yield* Groups.Groups
        const Other = RpcGroup.make(Rpc.make("Other"))
        const other = Behavior.make(Other, () => Effect.succeed(0), {
          Other: (_, state) => Effect.succeed([undefined, state] as const)
        })
        const Others = Groups.group("workers", Other)
        yield* join(Workers, yield* Actor.spawn(worker("a"), { name: "a" }))
        yield* join(Others, yield* Actor.spawn(other, { name: "other" }))
        assert.deepStrictEqual(yield* now, ["/a"])
        assert.deepStrictEqual(paths(yield* members(Others)), ["/other"])
      }).pipe(Effect.provide(Groups.layer))
    )
  )
})

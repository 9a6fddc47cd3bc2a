import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Effect, Exit, Fiber, Random, Schedule, Schema, Scope } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, Behavior, Supervisor, Watch } from "@fibra/actors"
import { sim } from "../support/sim.ts"
import { makeLog, watchersOf } from "../support/worker.ts"

const pick = <const A>(...from: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, from.length - 1), (index) => from[index]!)

const Watcher = RpcGroup.make(
  Rpc.make("Watch"),
  Rpc.make("Unwatch"),
  Rpc.make("Gone"),
  Rpc.make("Heard", { success: Schema.Int })
)

describe("watches at random", () => {
  it.sim(
    "WAT1, WAT2, WAT3: however an actor is restarted and ends, each watch is answered once, and none that has ended",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const scope = yield* Scope.make()
        const supervisor = yield* Scope.provide(
          Supervisor.make(
            {
              a: Supervisor.child(worker("a"), {
                type: yield* pick("permanent", "transient", "temporary"),
                backoff: yield* pick(undefined, Schedule.spaced("3 millis"))
              }),
              b: worker("b")
            },
            {
              strategy: yield* pick("one_for_one", "one_for_all"),
              countPer: yield* pick("supervisor", "child"),
              intensity: yield* pick(0, 1, 3)
            }
          ),
          scope
        )
        const { a } = supervisor.refs
        const joined = yield* Effect.forkChild(Effect.exit(supervisor.join))
        const watching = new Map<number, boolean>()
        const watcher = (index: number) =>
          Behavior.make(Watcher, () => Effect.succeed(0), {
            Watch: (_, heard, { watch }) =>
              Effect.gen(function* () {
                watching.set(index, true)
                yield* watch(a, "Gone", () => undefined)
                return [undefined, heard] as const
              }),
            Unwatch: (_, heard, { unwatch }) =>
              Effect.gen(function* () {
                yield* unwatch(a)
                // From here on nothing may come.
                watching.set(index, false)
                return [undefined, heard] as const
              }),
            Gone: (_, heard) =>
              Effect.sync(() => {
                assert.isTrue(watching.get(index), "told after the watch has ended")
                return [undefined, heard + 1] as const
              }),
            Heard: (_, heard) => Effect.succeed([heard, heard] as const)
          })
        const watchers = yield* Effect.forEach([0, 1, 2, 3], (index) => Actor.spawn(watcher(index)))
        const nap = Effect.flatMap(pick(0, 1, 2, 4), Effect.sleep)
        const watch = Effect.forEach(
          watchers,
          (ref, index) =>
            Effect.gen(function* () {
              yield* nap
              yield* ref.tell("Watch")
              if (index % 2 === 0) return
              yield* nap
              yield* ref.tell("Unwatch")
            }),
          { concurrency: "unbounded" }
        )
        const downs = yield* Effect.forEach([0, 1], () =>
          Effect.forkChild(Effect.andThen(nap, Watch.awaitDown(a)))
        )
        const given = yield* Effect.forkChild(Effect.andThen(nap, Watch.awaitDown(a)))
        const end = Effect.gen(function* () {
          for (let step = 0; step < 4; step++) {
            const does = yield* pick("crash", "crash", "leave", "kill", "stop", "stop child")
            if (does === "crash") yield* a.tell("Crash", { why: "bang" })
            else if (does === "leave") yield* a.tell("Leave")
            else if (does === "kill") yield* Actor.kill(a)
            else if (does === "stop") yield* Actor.stop(a)
            else yield* supervisor.stopChild("a")
            yield* nap
          }
        })
        yield* Effect.all([watch, end, Effect.andThen(nap, Fiber.interrupt(given))], {
          concurrency: "unbounded"
        })
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.join(joined)
        for (const down of downs) assert.strictEqual((yield* Fiber.join(down)).id, a.id)
        for (const [index, ref] of watchers.entries()) {
          const heard = yield* ref.ask("Heard")
          if (index % 2 === 0) assert.strictEqual(heard, 1)
          else assert.isAtMost(heard, 1)
        }
        assert.strictEqual(watchersOf(a), 0)
      })
    ),
    { seeds: 1000 }
  )
})

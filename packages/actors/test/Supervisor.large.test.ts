import { assert, describe, it } from "@effect/vitest"
import { Simulation } from "@fibra/testing"
import { Effect, Exit, Scope } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { type ActorRef, Behavior, Supervisor } from "@fibra/actors"
import { quiet } from "./support/system.ts"
import { settle } from "./support/worker.ts"

const Job = RpcGroup.make(Rpc.make("Crash"), Rpc.make("Hang"))
type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Job>>

/** Supervisors of `width` supervisors of `width` times ten actors, a few of which crash or hang. */
const tree = (width: number) =>
  Effect.gen(function* () {
    const started: Array<number> = []
    const released: Array<number> = []
    const refs = new Map<number, Ref>()
    let incarnations = 0
    const actor = (index: number) =>
      Supervisor.child(
        Behavior.make(
          Job,
          (context) =>
            Effect.acquireRelease(
              Effect.sync(() => {
                refs.set(index, context.self)
                started.push(++incarnations)
                return incarnations
              }),
              (incarnation) => Effect.sync(() => released.push(incarnation))
            ),
          { Crash: () => Effect.die("bang"), Hang: () => Effect.never }
        ),
        { shutdown: "50 millis" }
      )
    let actors = 0
    const group = <C extends Supervisor.Child>(size: number, child: () => C) =>
      Supervisor.nested(
        Object.fromEntries(Array.from({ length: size }, (_, index) => [`n${index}`, child()])),
        { intensity: 100 }
      )
    const children = Object.fromEntries(
      Array.from({ length: width }, (_, index) => [
        `n${index}`,
        group(width, () => group(width * 10, () => actor(actors++)))
      ])
    )
    const scope = yield* Scope.make()
    const { refs: top } = yield* Scope.provide(Supervisor.make(children), scope)
    assert.strictEqual(Object.keys(top).length, width)
    const live = new Map(started.map((incarnation, index) => [index, incarnation]))
    for (let index = 0; index < actors; index += 97) {
      yield* refs.get(index)!.tell("Crash")
      yield* settle
      live.set(index, incarnations)
    }
    for (let index = 1; index < actors; index += 997) yield* refs.get(index)!.tell("Hang")
    yield* settle
    const crashed = released.splice(0)
    yield* Scope.close(scope, Exit.void)
    return { actors, crashed, incarnations, live: [...live.values()], released }
  }).pipe(Effect.provide(quiet))

describe("Supervisor of 10,000 actors", () => {
  // Not `it.sim`: a long run of many seeds would take hours here.
  it.effect.each([1, 2])(
    "SUP12: stops them in the reverse order of their start, and each incarnation is released once",
    (seed) =>
      Effect.gen(function* () {
        const { exit, leftovers } = yield* Simulation.run(tree(10), { seed })
        const { actors, crashed, incarnations, live, released } = yield* exit
        assert.strictEqual(actors, 10_000)
        assert.deepStrictEqual(released, live.toReversed())
        assert.strictEqual(new Set([...crashed, ...released]).size, incarnations)
        assert.strictEqual(crashed.length + released.length, incarnations)
        assert.deepStrictEqual(leftovers, { fibers: [], timers: [] })
      })
  )

  it.effect("SUP12: its work grows with the number of actors, and it never spins", () =>
    Effect.gen(function* () {
      const steps = Effect.fnUntraced(function* (width: number) {
        const result = yield* Simulation.run(tree(width), { seed: 1, preemption: 0 })
        assert.isTrue(Exit.isSuccess(result.exit))
        return result.steps / (width * width * width * 10)
      })
      const [few, many] = [yield* steps(3), yield* steps(10)]
      assert.isBelow(many, few * 1.2)
    })
  )
})

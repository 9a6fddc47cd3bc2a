import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Effect, Exit, Fiber, Random, Schedule, Scope } from "effect"
import { type ActorRef, ActorSystem, Supervisor, Watch } from "@fibra/actors"
import type { RpcGroup } from "effect/rpc"
import { sim } from "../support/sim.ts"
import { makeLog, type Work } from "../support/worker.ts"

type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Work>>

const below = (limit: number) => Random.nextIntBetween(0, limit)
const pick = <A>(values: ReadonlyArray<A>) =>
  Effect.map(below(values.length), (index) => values[index]!)
const nap = (upTo: number) =>
  Effect.flatMap(below(upTo), (millis) =>
    millis === 0 ? Effect.void : Effect.sleep(`${millis} millis`)
  )

/** Actors that take their time, fail and crash, and of which no two incarnations may live at once. */
const makeWorld = () => {
  const { worker } = makeLog()
  const living = new Map<string, number>()
  const refs = new Map<string, Ref>()
  let [acquired, released] = [0, 0]

  const actor = (name: string) =>
    worker(name, ({ self }) =>
      Effect.gen(function* () {
        assert.strictEqual(living.get(name) ?? 0, 0, `two incarnations of ${name}`)
        const isFirst = !refs.has(name)
        refs.set(name, self)
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            acquired++
            living.set(name, 1)
          }),
          () =>
            Effect.andThen(
              nap(4),
              Effect.sync(() => {
                released++
                living.set(name, 0)
              })
            )
        )
        yield* nap(4)
        if (!isFirst && (yield* below(8)) === 0) return yield* Effect.fail("init")
      })
    )
  const restart = Effect.gen(function* () {
    const type = yield* pick(["permanent", "permanent", "transient", "temporary"] as const)
    const backoff = yield* pick([undefined, undefined, Schedule.spaced("5 millis")])
    return { type, backoff }
  })
  const options = Effect.gen(function* () {
    const strategy = yield* pick(["one_for_one", "one_for_all", "rest_for_one"] as const)
    const countPer = yield* pick(["supervisor", "supervisor", "child"] as const)
    return { strategy, countPer, intensity: yield* pick([1, 3, 10]), period: "20 millis" as const }
  })
  const child = (name: string) =>
    Effect.gen(function* () {
      const shutdown = yield* pick(["kill", "2 millis", "1 second"] as const)
      return Supervisor.child(actor(name), { ...(yield* restart), shutdown })
    })
  const inner = (name: string) =>
    Effect.gen(function* () {
      const children = {
        [`${name}1`]: yield* child(`${name}1`),
        [`${name}2`]: yield* child(`${name}2`)
      }
      return Supervisor.nested(children, { ...(yield* options), ...(yield* restart) })
    })
  return {
    child,
    inner,
    options,
    refs,
    living: () => [...living.values()].reduce((sum, count) => sum + count, 0),
    balance: () => acquired - released
  }
}

const act = (
  refs: ReadonlyMap<string, Ref>,
  supervisor: Supervisor.Supervisor<object>,
  step: number
) =>
  Effect.gen(function* () {
    const ref = yield* pick([...refs.values()])
    const dice = yield* below(12)
    if (dice < 3) yield* ref.tell("Crash", { why: `step ${step}` })
    else if (dice === 3) yield* ref.tell("Leave")
    else if (dice === 4) yield* ref.ask("Hang", undefined, { timeout: "3 millis" })
    else if (dice < 8) yield* ref.ask("Work", { n: 1 }, { timeout: "10 millis" })
    else if (dice === 8) yield* supervisor.stopChild(yield* pick(["a", "b", "added"]))
    else yield* nap(6)
  }).pipe(Effect.exit)

describe("supervision at random", () => {
  it.sim(
    "SUP18: whatever crashes, hangs and fails when, no two incarnations of an actor live at once, each is released once, every child that is to be up is up, and nothing is left",
    sim(() =>
      Effect.gen(function* () {
        const world = makeWorld()
        const scope = yield* Scope.make()
        const supervisor: Supervisor.Supervisor<object> = yield* Scope.provide(
          Supervisor.make(
            {
              a: yield* world.child("a"),
              in: yield* world.inner("in"),
              b: yield* world.child("b")
            },
            yield* world.options
          ),
          scope
        )
        const joined = yield* Effect.forkChild(Effect.exit(supervisor.join))
        const downs = yield* Effect.forEach(world.refs.values(), (ref) =>
          Effect.forkChild(Watch.awaitDown(ref))
        )
        const added = yield* world.child("added")
        const adding = yield* Effect.forkChild(Effect.exit(supervisor.startChild(added, "added")))
        const drivers = [0, 1].map((driver) =>
          Effect.forEach(
            Array.from({ length: 8 }, (_, n) => n * 2 + driver),
            (step) => act(world.refs, supervisor, step)
          )
        )
        yield* Effect.all(drivers, { concurrency: "unbounded" })
        if (yield* Random.nextBoolean) {
          yield* Effect.sleep("1 minute")
          for (const { name, status } of yield* supervisor.children) {
            assert.strictEqual(status, "running", name)
          }
          if (joined.pollUnsafe() !== undefined) assert.strictEqual(world.living(), 0)
        }
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(world.living(), 0)
        assert.strictEqual(world.balance(), 0)
        yield* Fiber.join(joined)
        yield* Fiber.join(adding)
        yield* Effect.forEach(downs, Fiber.join)
        const { deadLettered, handled, offered, rejected } = yield* ActorSystem.ActorSystem
        assert.strictEqual(offered, handled + rejected + deadLettered)
      })
    ),
    { seeds: 1000 }
  )
})

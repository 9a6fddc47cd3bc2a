import { assert, describe, it as base } from "@effect/vitest"
import { Simulation } from "@fibra/testing"
import { withSim } from "@fibra/testing/Vitest"
import { Clock, Effect, Exit, Fiber, Layer, Random } from "effect"
import { Actor, ActorSystem, DeadLetters, Supervisor } from "@fibra/actors"
import { bang, nothing, worker } from "../support/messages.ts"
import { logged } from "../support/logged.ts"
import { spawnRestarting } from "../support/restarting.ts"
import { quiet } from "../support/system.ts"

const it = withSim(base)

/** Counts what is acquired and not released, and fails when it is released twice. */
const resources = () => {
  let held = 0
  let acquired = 0
  const acquire = Effect.acquireRelease(
    Effect.sync(() => {
      acquired++
      held++
      return { isHeld: true }
    }),
    (resource) =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => {
          assert.isTrue(resource.isHeld, "released twice")
          resource.isHeld = false
          held--
        })
      )
  )
  // `worker` has the Scope of the incarnation, of which its type does not speak.
  const init = () => acquire as Effect.Effect<unknown>
  return { acquired: () => acquired, held: () => held, init }
}

describe("ends", () => {
  it.sim.everyCancel(
    "ACT17: a spawn that is interrupted at any moment leaves no actor behind",
    () =>
      Effect.gen(function* () {
        const system = yield* Layer.build(quiet)
        const { held, init } = resources()
        return {
          program: Effect.scoped(
            Effect.gen(function* () {
              const ref = yield* Actor.spawn(
                worker((context) => Effect.andThen(init(), context.spawn(worker(init))))
              )
              yield* ref.ask("Ask", () => Effect.yieldNow)
            })
          ).pipe(Effect.provide(system)),
          observe: ActorSystem.snapshot.pipe(
            Effect.provide(system),
            Effect.map((actors) => [actors, held()])
          )
        }
      })
  )

  it.sim.everyCancel(
    "ASK11: an ask that is interrupted at any moment leaves the actor as it was",
    () =>
      Effect.gen(function* () {
        const system = yield* Layer.build(quiet)
        const ref = yield* Actor.spawn(worker(), { capacity: 1 }).pipe(Effect.provide(system))
        yield* Effect.forkScoped(
          Effect.forever(
            Effect.andThen(
              ref.tell("Tell", () => Effect.sleep("1 millis")),
              Effect.yieldNow
            )
          )
        )
        return {
          program: Effect.forEach([1, 2, 3], () => ref.ask("Ask", () => Effect.sleep("1 millis")), {
            concurrency: "unbounded",
            discard: true
          }),
          check: Effect.gen(function* () {
            yield* ref.ask("Ask", nothing)
            const [actor] = yield* ActorSystem.snapshot.pipe(Effect.provide(system))
            const { deadLettered, handled, offered, queued, rejected } = actor!.counts
            assert.strictEqual(offered, handled + rejected + queued)
            assert.strictEqual(deadLettered, 0)
            assert.isAtMost(queued, 2)
          })
        }
      }),
    { seeds: 3 }
  )

  it.sim(
    "ACT9: a kill interrupts what is handled, at whatever moment it comes",
    () =>
      Effect.gen(function* () {
        const forEver = () => Effect.never
        for (const how of ["tell", "ask"] as const) {
          const ref = yield* Actor.spawn(worker())
          if (how === "tell") yield* ref.tell("Tell", forEver)
          else yield* Effect.forkChild(Effect.exit(ref.ask("Ask", forEver, { timeout: Infinity })))
          for (let turn = yield* Random.nextIntBetween(0, 5); turn > 0; turn--) {
            yield* Effect.yieldNow
          }
          yield* Actor.kill(ref)
        }
        assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
      }).pipe(Effect.provide(quiet)),
    { seeds: 1000 }
  )

  it.sim(
    "ACT18: stops, kills, crashes and new starts in any order release each resource once",
    () =>
      Effect.gen(function* () {
        const { acquired, held, init } = resources()
        const act = (n: number) =>
          Effect.gen(function* () {
            const behavior = worker((context) =>
              Effect.andThen(init(), context.spawn(worker(init), { name: "child" }))
            )
            const { ref } = yield* spawnRestarting(behavior, 2, { shutdown: "5 millis" })
            const acts = [
              Actor.stop(ref),
              Actor.kill(ref),
              ref.tell("Tell", bang),
              Effect.ignore(ref.ask("Ask", () => Effect.sleep("20 millis"))),
              ref.tell("Tell", (context) => Effect.asVoid(context.spawn(worker(init)))),
              Effect.sleep("5 millis")
            ]
            for (let step = 0; step < 5; step++) {
              const act = acts[yield* Random.nextIntBetween(0, acts.length - 1)]!
              yield* Effect.forkChild(act, { startImmediately: true })
              if (n % 2 === 0) yield* Effect.yieldNow
            }
            yield* Effect.sleep("15 millis")
          }).pipe(Effect.scoped)
        yield* Effect.forEach([1, 2, 3], act, { concurrency: "unbounded", discard: true })
        assert.isAtLeast(acquired(), 6)
        assert.strictEqual(held(), 0)
        assert.deepStrictEqual(yield* ActorSystem.snapshot, [])
      }).pipe(Effect.provide(quiet)),
    { seeds: 500 }
  )

  it.sim(
    "ACT19: a message that always crashes is handled once, between two that are handled",
    () => {
      const { lines, provide } = logged()
      return Effect.gen(function* () {
        let tries = 0
        const poison = () =>
          Effect.suspend(() => {
            tries++
            return Effect.andThen(Effect.yieldNow, Effect.die("poison"))
          })
        const { refs } = yield* Supervisor.make({ ref: worker() })
        const { ref } = refs
        const [good, bad, late] = yield* Effect.all([
          Effect.forkChild(ref.ask("Ask", nothing), { startImmediately: true }),
          Effect.forkChild(ref.ask("Ask", poison), { startImmediately: true }),
          Effect.forkChild(ref.ask("Ask", nothing), { startImmediately: true })
        ])
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(good)))
        const told = yield* Effect.flip(Fiber.join(bad))
        assert.strictEqual(told._tag === "ActorStopped" && told.reason, "crashed")
        assert.isTrue(Exit.isSuccess(yield* Fiber.await(late)))
        assert.strictEqual(tries, 1)
        assert.strictEqual(yield* Clock.currentTimeMillis, 0, "nobody had to wait")
        assert.strictEqual(
          (yield* Effect.flatMap(DeadLetters.DeadLetters, ({ all }) => all)).length,
          1
        )
        // A log has a fiber of its own.
        yield* Effect.sleep("1 millis")
        assert.deepStrictEqual(lines, ["Error /supervisor/ref crashed on Ask: poison"])
      }).pipe(Effect.scoped, Effect.provide(ActorSystem.layer), provide)
    },
    { seeds: 1000 }
  )

  it.effect("ACT20: an actor that takes long to end does nothing meanwhile", () =>
    Effect.gen(function* () {
      const slow = Effect.gen(function* () {
        const release = Effect.addFinalizer(() => Effect.sleep("1 hour"))
        // The Scope of the incarnation, of which the type of `worker` does not speak.
        const ref = yield* Actor.spawn(worker(() => release as Effect.Effect<void>))
        yield* ref.tell("Tell", nothing)
        yield* Actor.stop(ref)
      }).pipe(Effect.provide(quiet), Effect.scoped)
      const result = yield* Simulation.run(slow, { seed: 1 })
      assert.deepStrictEqual(result.exit, Exit.void)
      assert.isAtMost(result.steps, 500)
    })
  )
})

import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Effect, Exit } from "effect"
import { Actor, ActorOptions, Topic } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { makeLog, settle, watchersOf, Work } from "./support/worker.ts"

const told = (count: number) => ({ told: count, refused: [] })

describe("Topic", () => {
  it.sim(
    "TOP1: what is published is told once to each subscriber that is not gone",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const topic = yield* Topic.make("work", Work)
        assert.deepStrictEqual(yield* topic.publish("Work", { n: 1 }), told(0))
        const [a, b] = [yield* Actor.spawn(worker("a")), yield* Actor.spawn(worker("b"))]
        for (const ref of [a, b, a]) yield* topic.subscribe(ref)
        assert.deepStrictEqual(yield* topic.publish("Work", { n: 10 }), told(2))
        assert.strictEqual(yield* a.ask("Work", { n: 1 }), 11)
        yield* Actor.stop(a)
        assert.strictEqual((yield* Effect.flip(topic.subscribe(a)))._tag, "ActorStopped")
        assert.deepStrictEqual(yield* topic.publish("Work", { n: 100 }), told(1))
        assert.isTrue(yield* topic.unsubscribe(b))
        assert.isFalse(yield* topic.unsubscribe(b))
        assert.strictEqual(watchersOf(b), 0)
        assert.deepStrictEqual(yield* topic.publish("Work", { n: 1000 }), told(0))
        assert.strictEqual(yield* b.ask("Work", { n: 1 }), 111)
      })
    )
  )

  it.sim(
    "TOP2: publishing never waits: a subscriber whose mailbox is full is refused, and named",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const topic = yield* Topic.make("work", Work)
        const slow = yield* Actor.spawn(worker("slow"), { name: "slow", capacity: 2 })
        const fast = yield* Actor.spawn(worker("fast"), { name: "fast" })
        yield* slow.tell("Hang")
        yield* settle
        yield* topic.subscribe(slow)
        yield* topic.subscribe(fast)
        const results = yield* Effect.replicateEffect(topic.publish("Work", { n: 1 }), 3)
        assert.deepStrictEqual(results, [told(2), told(2), { told: 1, refused: ["/slow"] }])
        assert.strictEqual(yield* fast.ask("Work", { n: 0 }), 3)
        yield* Actor.kill(slow)
      })
    )
  )

  it.sim(
    "TOP3: a topic takes subscribersMax subscribers, and forgets those that are gone",
    sim(() =>
      Effect.gen(function* () {
        const { worker } = makeLog()
        const topic = yield* Topic.make("work", Work, { subscribersMax: 1 })
        const [a, b] = [yield* Actor.spawn(worker("a")), yield* Actor.spawn(worker("b"))]
        yield* topic.subscribe(a)
        yield* topic.subscribe(a)
        const error = yield* Effect.flip(topic.subscribe(b))
        assert.deepInclude(error, { _tag: "TooManySubscribers", topic: "work", subscribersMax: 1 })
        yield* Actor.kill(a)
        assert.strictEqual(yield* topic.subscribers, 0)
        yield* topic.subscribe(b)
        for (const subscribersMax of [0, 1.5, Number.NaN]) {
          const exit = yield* Effect.exit(Topic.make("work", Work, { subscribersMax }))
          const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          assert.instanceOf(defect, ActorOptions.InvalidOption)
        }
      })
    )
  )
})

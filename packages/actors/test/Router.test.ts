import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Cause, Effect, Exit, Schedule, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, Behavior, Router } from "@fibra/actors"
import { sim } from "./support/sim.ts"
import { settle } from "./support/worker.ts"

const Job = RpcGroup.make(
  Rpc.make("Who", { payload: { key: Schema.String }, success: Schema.String }),
  Rpc.make("Hang", { payload: { key: Schema.String } }),
  Rpc.make("Crash", { payload: { key: Schema.String } })
)
const worker = Behavior.make(Job, ({ self }) => Effect.succeed(self.path), {
  Who: (_, path) => Effect.succeed([path.slice(-1), path] as const),
  Hang: () => Effect.never,
  Crash: () => Effect.die("bang")
})

const who = (pool: Router.Router<RpcGroup.Rpcs<typeof Job>>, keys: Iterable<string>) =>
  Effect.map(
    Effect.forEach(keys, (key) => pool.ask("Who", { key })),
    (answers) => answers.join("")
  )

describe("Router", () => {
  it.sim(
    "RTR1: in turn, each actor gets as many messages as the others",
    sim(() =>
      Effect.gen(function* () {
        const pool = yield* Router.pool(worker, { size: 3 })
        assert.deepStrictEqual(
          pool.workers.map(({ path }) => path),
          ["/pool/worker-1", "/pool/worker-2", "/pool/worker-3"]
        )
        assert.strictEqual(yield* who(pool, "aaaaaaa"), "1231231")
        yield* pool.tell("Who", { key: "a" })
        pool.tellUnsafe("Who", { key: "a" })
        assert.strictEqual(yield* who(pool, "a"), "1")
        yield* pool.tell("Hang", { key: "a" })
        assert.strictEqual(yield* who(pool, "aa"), "31")
        const error = yield* Effect.flip(pool.ask("Who", { key: "a" }))
        assert.deepInclude(error, { _tag: "AskTimeout", actor: "/pool/worker-2" })
      })
    )
  )

  it.sim(
    "RTR2: the least loaded actor is preferred, and equal ones take turns",
    sim(() =>
      Effect.gen(function* () {
        const pool = yield* Router.pool(worker, { size: 3, routing: "leastLoaded" })
        yield* pool.tell("Hang", { key: "" })
        yield* settle
        assert.strictEqual(yield* who(pool, "aaaa"), "2323")
        yield* pool.tell("Hang", { key: "" })
        yield* settle
        assert.strictEqual(yield* who(pool, "aaa"), "333")
        for (const ref of pool.workers) yield* ref.tell("Hang", { key: "" })
        const [one, two, three] = pool.workers
        for (const ref of [one!, one!, two!, two!, three!]) yield* ref.tell("Hang", { key: "" })
        const busy = yield* Effect.replicateEffect(Effect.flip(pool.ask("Who", { key: "" })), 3)
        assert.deepStrictEqual(
          busy.map((error) => error._tag === "AskTimeout" && error.actor),
          busy.map(() => three!.path)
        )
      })
    )
  )

  it.sim(
    "RTR3: messages with the same key go to the same actor, and keys are spread over all",
    sim(() =>
      Effect.gen(function* () {
        const pool = yield* Router.pool(worker, { size: 4, routing: ({ payload }) => payload.key })
        const keys = Array.from({ length: 50 }, (_, index) => `key number ${index}`)
        const first = yield* who(pool, keys)
        assert.strictEqual(yield* who(pool, keys), first)
        for (const worker of "1234") {
          const share = [...first].filter((answer) => answer === worker).length
          assert.isAbove(share, 4)
          assert.isBelow(share, 25)
        }
        yield* pool.tell("Crash", { key: keys[7]! })
        assert.strictEqual(yield* who(pool, keys), first)
      })
    )
  )

  it.sim(
    "RTR4: an actor that waits to be started again gets none in turn or by load, and keeps its keys",
    sim(() =>
      Effect.gen(function* () {
        const backoff = Schedule.spaced("1 second")
        for (const routing of ["roundRobin", "leastLoaded"] as const) {
          const pool = yield* Router.pool(worker, { size: 3, routing, backoff })
          yield* pool.tell("Crash", { key: "" })
          yield* settle
          assert.strictEqual(yield* who(pool, "aaaa"), "2323")
          yield* Effect.sleep("2 seconds")
          assert.strictEqual(new Set(yield* who(pool, "aaaa")).size, 3)
        }
        const routing = () => "always the same"
        const pool = yield* Router.pool(worker, { size: 3, routing, backoff })
        const before = yield* who(pool, "a")
        yield* pool.tell("Crash", { key: "" })
        yield* settle
        assert.strictEqual(yield* who(pool, "a"), before)
      })
    )
  )

  it.sim(
    "RTR4: an actor that is gone gets none, and when all are gone asks fail at once",
    sim(() =>
      Effect.gen(function* () {
        const routing = () => 1
        const options = { size: 2, type: "temporary" } as const
        const [turns, keyed] = [
          yield* Router.pool(worker, { ...options, name: "turns" }),
          yield* Router.pool(worker, { ...options, name: "keyed", routing })
        ]
        for (const pool of [turns, keyed]) {
          const gone = yield* who(pool, "a")
          yield* Actor.stop(pool.workers[Number(gone) - 1]!)
          assert.strictEqual(yield* who(pool, "aa"), gone === "1" ? "22" : "11")
          yield* Effect.forEach(pool.workers, Actor.stop)
          const error = yield* Effect.flip(pool.ask("Who", { key: "a" }))
          assert.strictEqual(error._tag, "ActorStopped")
        }
      })
    )
  )

  it.sim(
    "RTR5: a pool of no actors is a defect",
    sim(() =>
      Effect.gen(function* () {
        for (const size of [0, 1.5, -1]) {
          const exit = yield* Effect.exit(Router.pool(worker, { size }))
          const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
          assert.deepStrictEqual(defect, new Router.InvalidPoolSize({ size }))
        }
      })
    )
  )
})

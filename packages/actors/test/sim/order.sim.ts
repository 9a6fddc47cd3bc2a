import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Effect, Random, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, Behavior } from "@fibra/actors"
import { spawnRestarting } from "../support/restarting.ts"
import { quiet } from "../support/system.ts"

const Log = RpcGroup.make(
  Rpc.make("Told", { payload: { sender: Schema.Int, n: Schema.Int } }),
  Rpc.make("Asked", { payload: { sender: Schema.Int, n: Schema.Int } })
)

/** Takes down the order, and whether a handler ran beside another one. */
const recorder = () => {
  const last = new Map<number, number>()
  let running = 0
  let handled = 0
  const handle = (sender: number, n: number, crashes: boolean) =>
    Effect.gen(function* () {
      assert.strictEqual(++running, 1, "two handlers at the same time")
      assert.isAbove(n, last.get(sender) ?? -1, `order of sender ${sender}`)
      last.set(sender, n)
      handled++
      const turns = yield* Random.nextIntBetween(0, 2)
      for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
      running--
      if (crashes && (yield* Random.nextIntBetween(0, 10)) === 0) return yield* Effect.die("bang")
      return [undefined, 0] as const
    })
  const behavior = (crashes: boolean) =>
    Behavior.make(Log, () => Effect.succeed(0), {
      Told: ({ n, sender }) => handle(sender, n, crashes),
      Asked: ({ n, sender }) => handle(sender, n, crashes)
    })
  return { behavior, handled: () => handled }
}

const senders = 5
const messages = 8

describe("order", () => {
  it.sim(
    "ACT2: the handlers of one actor never overlap, and messages of one sender keep their order",
    () =>
      Effect.gen(function* () {
        const { behavior, handled } = recorder()
        const ref = yield* Actor.spawn(behavior(false), { capacity: 4 })
        yield* Effect.forEach(
          Array.from({ length: senders }, (_, sender) => sender),
          (sender) =>
            Effect.forEach(
              Array.from({ length: messages }, (_, n) => n),
              (n) =>
                n % 3 === 2 ? ref.ask("Asked", { sender, n }) : ref.tell("Told", { sender, n }),
              { discard: true }
            ),
          { concurrency: "unbounded", discard: true }
        )
        yield* ref.ask("Asked", { sender: senders, n: 0 })
        assert.strictEqual(handled(), senders * messages + 1)
      }).pipe(Effect.provide(quiet)),
    { seeds: 1000 }
  )

  it.sim(
    "ACT2: the same holds across crashes and new starts",
    () =>
      Effect.gen(function* () {
        const { behavior, handled } = recorder()
        const { ref } = yield* spawnRestarting(behavior(true), Infinity, { capacity: 4 })
        yield* Effect.forEach(
          Array.from({ length: senders }, (_, sender) => sender),
          (sender) =>
            Effect.forEach(
              Array.from({ length: messages }, (_, n) => n),
              (n) =>
                n % 3 === 2
                  ? Effect.ignore(ref.ask("Asked", { sender, n }))
                  : ref.tell("Told", { sender, n }),
              { discard: true }
            ),
          { concurrency: "unbounded", discard: true }
        )
        yield* Effect.ignore(ref.ask("Asked", { sender: senders, n: 0 }))
        assert.strictEqual(handled(), senders * messages + 1)
      }).pipe(Effect.provide(quiet)),
    { seeds: 1000 }
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, ActorError, ActorSystem, Behavior } from "@fibra/actors"

class Overdrawn extends Schema.TaggedError<Overdrawn>("Overdrawn")("Overdrawn", {
  short: Schema.Int
}) {}
const Account = RpcGroup.make(
  Rpc.make("Deposit", { payload: { n: Schema.Int }, success: Schema.Int }),
  Rpc.make("Withdraw", { payload: { n: Schema.Int }, success: Schema.Int, error: Overdrawn }),
  Rpc.make("Balance", { success: Schema.Int }),
  Rpc.make("Crash"),
  Rpc.make("Stop")
)
const account = Behavior.make(Account, () => Effect.succeed(0), {
  Deposit: ({ n }, balance) => Effect.succeed([balance + n, balance + n] as const),
  Withdraw: ({ n }, balance) =>
    n > balance
      ? Effect.fail(new Overdrawn({ short: n - balance }))
      : Effect.succeed([balance - n, balance - n] as const),
  Balance: (_, balance) => Effect.succeed([balance, balance] as const),
  Crash: () => Effect.die("bang"),
  Stop: (_, balance, context) => context.stop.pipe(Effect.as([undefined, balance] as const))
})

describe("Actor", () => {
  it.effect("ACT1: handles tells and asks in order, with the state of the message before", () =>
    Effect.gen(function* () {
      const alice = yield* Actor.spawn(account, { name: "alice" })
      yield* alice.tell("Deposit", { n: 10 })
      assert.strictEqual(yield* alice.ask("Withdraw", { n: 3 }), 7)
      assert.strictEqual(yield* alice.ask("Balance"), 7)
      const exit = yield* Effect.exit(alice.ask("Withdraw", { n: 9 }))
      assert.deepStrictEqual(exit, Exit.fail(new Overdrawn({ short: 2 })))
      yield* alice.tell("Stop")
      const stopped = yield* Effect.flip(alice.ask("Balance"))
      assert.instanceOf(stopped, ActorError.ActorStopped)
    }).pipe(Effect.provide(ActorSystem.layer))
  )
})

/** Supervision: what crashes is started again, and its mailbox is kept. */
import assert from "node:assert/strict"
import { ActorSystem, Behavior, Supervisor } from "@fibra/actors"
import { Console, Effect, References, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"

const Counter = RpcGroup.make(
  Rpc.make("Add", { payload: { n: Schema.Int }, success: Schema.Int })
)

export const main = Effect.gen(function* () {
  let lives = 0

  // State that is touched by one message at a time: no lock is needed.
  const init = Effect.sync(() => {
    lives++
    return 0
  })
  const counter = Behavior.make(Counter, () => init, {
    Add: ({ n }, total) =>
      n < 0
        ? Effect.die(new Error("a bug"))
        : Effect.succeed([total + n, total + n] as const)
  })

  const { refs } = yield* Supervisor.make(
    { counter },
    { strategy: "one_for_one" }
  )
  const add = (n: number) => refs.counter.ask("Add", { n })

  yield* add(2)
  yield* Console.log("before the crash:", yield* add(3))

  // Who asked is told. Nobody else notices: the address stays valid.
  const told = yield* Effect.flip(add(-1))
  yield* Console.log("the one who asked:", told._tag)

  // A new life, with a new state, in the same mailbox.
  const after = yield* add(7)
  yield* Console.log("after the restart:", after, "in life", lives)
  assert.deepEqual([after, lives], [7, 2])
}).pipe(
  Effect.scoped,
  Effect.provide(ActorSystem.layer),
  // The crash would be logged, as it should be.
  Effect.provideService(References.UnhandledLogLevel, undefined)
)

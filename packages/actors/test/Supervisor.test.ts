import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ActorSystem, Behavior } from "@fibra/actors"
import * as Supervisor from "../src/Supervisor.ts"

const Counter = RpcGroup.make(
  Rpc.make("Add", { payload: { n: Schema.Int } }),
  Rpc.make("Total", { success: Schema.Int }),
  Rpc.make("Crash")
)
const counter = Behavior.make(Counter, () => Effect.succeed(0), {
  Add: ({ n }, total) => Effect.succeed([undefined, total + n] as const),
  Total: (_, total) => Effect.succeed([total, total] as const),
  Crash: () => Effect.die("bang")
})

describe("Supervisor", () => {
  it.effect("SUP4: a child that crashes is started again, at the same address", () =>
    Effect.gen(function* () {
      const { refs } = yield* Supervisor.make({ a: counter, b: counter })
      yield* refs.a.tell("Add", { n: 1 })
      yield* refs.a.tell("Crash")
      yield* refs.a.tell("Add", { n: 2 })
      assert.strictEqual(yield* refs.a.ask("Total"), 2)
    }).pipe(Effect.provide(ActorSystem.layer))
  )
})

/** A program that never closes its pool. */
import { Effect, Scope } from "effect"
import { Cpu } from "@fibra/compute"

const scope = Scope.makeUnsafe()
const pool = Cpu.pool<typeof import("./work.ts")>({
  module: new URL("./work.ts", import.meta.url)
})
const program = Effect.gen(function* () {
  const cpu = yield* Scope.provide(pool, scope)
  console.log(yield* cpu.run("resolve", "@fibra/compute"))
  console.log(yield* cpu.run("later", "second call"))
})
await Effect.runPromise(program)

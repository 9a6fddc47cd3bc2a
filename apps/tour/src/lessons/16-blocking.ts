/** Do not block the loop: while a function computes, nobody else runs. */
import assert from "node:assert/strict"
import { Cpu } from "@fibra/compute"
import { Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"
import * as CpuWork from "../CpuWork.ts"
import { spin } from "../work/cpu.ts"

export const main = Effect.gen(function* () {
  let ticks = 0
  const tick = Effect.andThen(
    Effect.sleep("5 millis"),
    Effect.sync(() => ticks++)
  )

  const cpu = yield* Cpu.pool<typeof import("../work/cpu.ts")>({
    module: CpuWork.module,
    size: 1
  })
  const ticker = yield* Effect.forkChild(
    Effect.forever(tick).pipe(Task.named("ticker")),
    { startImmediately: true }
  )

  spin(100)
  yield* Console.log("ticks while the loop computes:", ticks)
  assert.equal(ticks, 0)

  // The same function, on a worker thread; its name and types are checked.
  yield* cpu.run("spin", 100)
  yield* Console.log(
    "ticks while a thread computes:",
    ticks > 0 ? "some" : "none"
  )
  assert.ok(ticks > 0)
  yield* Fiber.interrupt(ticker)
})

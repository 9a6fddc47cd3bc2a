/** CPU-bound work: on several processors, and how to stop it. */
import assert from "node:assert/strict"
import { Cpu } from "@fibra/compute"
import { Deadline, Task } from "@fibra/tasks"
import { Console, Effect } from "effect"
import * as CpuWork from "../CpuWork.ts"

export const main = Effect.gen(function* () {
  const limits = [1_000, 10_000, 20_000]
  // Worker threads, not processes: each has a heap and a loop of its own.
  const cpu = yield* Cpu.pool<typeof import("../work/cpu.ts")>({
    module: CpuWork.module,
    size: 2
  })

  const counts = yield* Task.gather(
    limits.map((limit) => cpu.run("primesBelow", limit))
  )
  for (const [index, limit] of limits.entries()) {
    yield* Console.log(`primes below ${limit}: ${counts[index]}`)
  }
  assert.deepEqual(counts, [168, 1229, 2262])

  // The deadline interrupts the call, and with it ends the worker.
  const error = yield* cpu
    .run("spinForever")
    .pipe(Deadline.within("50 millis", "spin for ever"), Effect.flip)
  yield* Console.log("an endless loop:", "stopped")
  assert.equal(error._tag, "DeadlineExceeded")

  // The next call gets a new one.
  assert.equal(yield* cpu.run("primesBelow", 10), 4)
})

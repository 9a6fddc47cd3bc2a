/** What a waiting task costs. */
import * as Task from "@fibra/tasks/Task"
import * as TaskGroup from "@fibra/tasks/TaskGroup"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Body, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { fresh } from "./sizes.ts"
import { range, until } from "./rounds.ts"

/** `park` starts the tasks, which wait for ever; the meter looks once all of them do. */
const body =
  (
    park: (
      task: () => Effect.Effect<never>,
      ids: ReadonlyArray<number>
    ) => Effect.Effect<unknown, unknown>
  ): Body =>
  (size, meter) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let parked = 0
        // A generator, as programs are written: its frame is kept while it waits.
        const task = Effect.fnUntraced(function* () {
          parked++
          return yield* Effect.never
        })
        const ids = range(size)
        meter.begin()
        const owner = yield* Effect.forkChild(park(task, ids))
        yield* until(() => parked === size)
        meter.end()
        yield* Fiber.interrupt(owner)
        return parked
      })
    )

const memory: Workload = {
  ...fresh,
  name: "memory",
  work: "n tasks wait. Resident: what the process has grown by, after a full collection.",
  module: import.meta.url,
  measure: "memory",
  sizes: [100_000],
  baseline: "TaskGroup.spawn",
  contenders: {
    "TaskGroup.spawn": {
      run: body((task, ids) =>
        TaskGroup.run((group) => Effect.forEach(ids, () => group.spawn(task()), { discard: true }))
      )
    },
    "Task.gather": { run: body((task, ids) => Task.gather(ids.map(task))) },
    "Effect.forEach": {
      run: body((task, ids) =>
        Effect.forEach(ids, task, { concurrency: "unbounded", discard: true })
      ),
      note: 'raw Effect, with `concurrency: "unbounded"`.'
    },
    "Effect.forkChild": {
      run: body((task, ids) =>
        Effect.andThen(
          Effect.forEach(ids, () => Effect.forkChild(task()), { discard: true }),
          Effect.never
        )
      ),
      note: "raw Effect."
    },
    "asyncio task": asyncio("memory.py", "task"),
    "asyncio task, uvloop": asyncio("memory.py", "task", "uvloop")
  }
}

export const workloads: ReadonlyArray<Workload> = [memory]

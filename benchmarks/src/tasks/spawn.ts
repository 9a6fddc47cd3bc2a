/** Starting tasks and waiting for all of them. */
import * as Task from "@fibra/tasks/Task"
import * as TaskGroup from "@fibra/tasks/TaskGroup"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Body, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { sizes, warmed } from "./sizes.ts"
import { range, timed } from "./rounds.ts"

type MakeTask = (i: number) => Effect.Effect<number>

/** What a task does before it returns. */
interface Kind {
  readonly name: string
  readonly work: string
  readonly pause: Effect.Effect<void>
  /** The ending of the names of the same contenders in Python. */
  readonly python: string
}

const spawn = ({ name, pause, python, work }: Kind): Workload => {
  const body =
    (
      spawnAndJoin: (task: MakeTask, ids: ReadonlyArray<number>) => Effect.Effect<unknown, unknown>
    ): Body =>
    (size, meter) =>
      timed(meter, () => {
        let done = 0
        const task = (i: number) =>
          Effect.map(pause, () => {
            done++
            return i
          })
        return Effect.map(spawnAndJoin(task, range(size)), () => done)
      })
  return {
    ...warmed,
    name,
    work,
    module: import.meta.url,
    measure: "wall",
    sizes,
    baseline: "Task.gather",
    contenders: {
      "Task.gather": { run: body((task, ids) => Task.gather(ids.map(task))) },
      "TaskGroup.spawn": {
        run: body((task, ids) =>
          TaskGroup.run((group) =>
            Effect.forEach(ids, (i) => group.spawn(task(i)), { discard: true })
          )
        )
      },
      "Effect.forEach": {
        run: body((task, ids) => Effect.forEach(ids, task, { concurrency: "unbounded" })),
        note: 'raw Effect, with `concurrency: "unbounded"`.'
      },
      "Effect.forkChild": {
        run: body((task, ids) =>
          Effect.flatMap(
            Effect.forEach(ids, (i) => Effect.forkChild(task(i))),
            Fiber.joinAll
          )
        ),
        note: "raw Effect, with `Fiber.joinAll`; a failure does not stop the other tasks."
      },
      "asyncio.gather": asyncio("spawn.py", `gather${python}`),
      "asyncio.TaskGroup": asyncio("spawn.py", `TaskGroup${python}`),
      "asyncio.gather, uvloop": asyncio("spawn.py", `gather${python}`, "uvloop")
    }
  }
}

export const workloads: ReadonlyArray<Workload> = [
  spawn({
    name: "spawn + join",
    work: "Starts n tasks, each of which gives way to the others once, and waits for their results.",
    pause: Effect.yieldNow,
    python: " of pausing tasks"
  }),
  spawn({
    name: "spawn + join at once",
    work: "The same with tasks that return at once. Effect and Fibra start a task where it is spawned and do without the loop here; asyncio puts each into its loop.",
    pause: Effect.void,
    python: " of short tasks"
  })
]

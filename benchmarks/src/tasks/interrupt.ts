/** Interrupting tasks that wait, and waiting until they have ended. */
import * as TaskGroup from "@fibra/tasks/TaskGroup"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Body, Python, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { sizes, warmed } from "./sizes.ts"
import { range, until } from "./rounds.ts"

type Tasks = ReadonlyArray<Fiber.Fiber<never>>

/** Starts a task for each number, runs `begin` to measure what comes after, and interrupts all. */
type Interrupt = (
  task: Effect.Effect<never>,
  ids: ReadonlyArray<number>,
  begin: Effect.Effect<void>
) => Effect.Effect<Tasks, unknown>

const inGroup: Interrupt = (task, ids, begin) => {
  const tasks: Array<Fiber.Fiber<never>> = []
  return Effect.as(
    TaskGroup.run((group: TaskGroup.TaskGroup<never, void>) =>
      Effect.gen(function* () {
        for (const _ of ids) tasks.push(yield* group.spawn(task))
        yield* begin
        yield* group.cancel()
      })
    ),
    tasks
  )
}

const raw: Interrupt = (task, ids, begin) =>
  Effect.gen(function* () {
    const tasks = yield* Effect.forEach(ids, () => Effect.forkChild(task))
    yield* begin
    yield* Fiber.interruptAll(tasks)
    return tasks
  })

const body =
  (cleanup: boolean, interrupt: Interrupt): Body =>
  (size, meter) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let [parked, cleaned] = [0, 0]
        const park = Effect.suspend(() => {
          parked++
          return Effect.never
        })
        const clean = Effect.sync(() => {
          cleaned++
        })
        const begin = Effect.map(
          until(() => parked === size),
          meter.begin
        )
        const task = cleanup ? Effect.onInterrupt(park, () => clean) : park
        const tasks = yield* interrupt(task, range(size), begin)
        meter.end()
        return cleanup ? cleaned : tasks.filter(isInterrupted).length
      })
    )

const isInterrupted = (task: Fiber.Fiber<never>): boolean => {
  const exit = task.pollUnsafe()
  return exit !== undefined && Exit.hasInterrupts(exit)
}

const interrupt = (name: string, work: string, cleanup: boolean): Workload => {
  const python = (wait: string, loop?: Python["loop"]) =>
    asyncio("interrupt.py", cleanup ? `${wait} with cleanup` : wait, loop)
  return {
    ...warmed,
    name,
    work,
    module: import.meta.url,
    measure: "wall",
    sizes,
    baseline: "TaskGroup.cancel",
    contenders: {
      "TaskGroup.cancel": { run: body(cleanup, inGroup) },
      "Fiber.interruptAll": {
        run: body(cleanup, raw),
        note: "raw Effect; a failure in a cleanup would be lost."
      },
      "asyncio cancel": {
        ...python("gather"),
        note: "and `gather`, which collects what became of each task, as `asyncio.run` does at its end."
      },
      "asyncio cancel, wait": {
        ...python("wait"),
        note: "and `asyncio.wait`, which collects nothing."
      },
      "asyncio cancel, uvloop": python("gather", "uvloop")
    }
  }
}

export const workloads: ReadonlyArray<Workload> = [
  interrupt("interrupt", "Interrupts n tasks that wait, and waits until all have ended.", false),
  interrupt("interrupt with cleanup", "The same with tasks that clean up when interrupted.", true)
]

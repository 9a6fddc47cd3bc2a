/** Interrupting tasks that wait, and waiting for their cleanup. */
import * as TaskGroup from "@fibra/tasks/TaskGroup"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { Body, Meter, Workload } from "../workload.ts"
import { asyncio } from "./asyncio.ts"
import { sizes, warmed } from "./sizes.ts"
import { range, until } from "./rounds.ts"

/** A task waits for ever; its cleanup is what is counted. */
const makeParking = (size: number) => {
  let [parked, cleaned] = [0, 0]
  return {
    task: Effect.onInterrupt(
      Effect.suspend(() => {
        parked++
        return Effect.never
      }),
      () =>
        Effect.sync(() => {
          cleaned++
        })
    ),
    /** Returns once all tasks wait. */
    full: until(() => parked === size),
    cleaned: () => cleaned
  }
}

type Parking = ReturnType<typeof makeParking>

/** `interruptAll` calls `begin` of the meter once all tasks wait. */
const body =
  (
    interruptAll: (parking: Parking, size: number, meter: Meter) => Effect.Effect<unknown, unknown>
  ): Body =>
  (size, meter) =>
    Effect.runPromise(
      Effect.suspend(() => {
        const parking = makeParking(size)
        return Effect.map(interruptAll(parking, size, meter), () => {
          meter.end()
          return parking.cleaned()
        })
      })
    )

const interrupt: Workload = {
  ...warmed,
  name: "interrupt",
  work: "Interrupts n tasks that wait, each with a cleanup, and waits until all have ended.",
  module: import.meta.url,
  measure: "wall",
  sizes,
  baseline: "TaskGroup.cancel",
  contenders: {
    "TaskGroup.cancel": {
      run: body(({ full, task }, size, meter) =>
        TaskGroup.run((group: TaskGroup.TaskGroup<never, void>) =>
          Effect.gen(function* () {
            for (let i = 0; i < size; i++) yield* group.spawn(task)
            yield* full
            meter.begin()
            yield* group.cancel()
          })
        )
      )
    },
    "Fiber.interruptAll": {
      run: body(({ full, task }, size, meter) =>
        Effect.gen(function* () {
          const fibers = yield* Effect.forEach(range(size), () => Effect.forkChild(task))
          yield* full
          meter.begin()
          yield* Fiber.interruptAll(fibers)
        })
      ),
      note: "raw Effect; a failure in cleanup would be lost."
    },
    "asyncio cancel": asyncio("interrupt.py", "cancel"),
    "asyncio cancel, uvloop": asyncio("interrupt.py", "cancel", "uvloop")
  }
}

export const workloads: ReadonlyArray<Workload> = [interrupt]

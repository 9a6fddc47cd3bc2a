/** The name of the task that a fiber runs. */
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"

/** Set by whatever names a task; inherited by the fibers that the task forks. */
export const CurrentTaskName: Context.Reference<string | undefined> = Context.Reference<
  string | undefined
>("@fibra/tasks/CurrentTaskName", { defaultValue: () => undefined })

/** The name of the task that `fiber` runs, or `fiber#` and its id where no task was named. */
export const taskName = (fiber: Fiber.Fiber<unknown, unknown>): string =>
  fiber.getRef(CurrentTaskName) ?? `fiber#${fiber.id}`

/** The name of a task that runs inside of another one. */
export const join = (outer: string | undefined, name: string): string =>
  outer === undefined ? name : `${outer}/${name}`

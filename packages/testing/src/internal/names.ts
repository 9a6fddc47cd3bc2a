/** What reports call a fiber: names that are the same in each run. */
import type * as Fiber from "effect/Fiber"
import * as Waits from "@fibra/tasks/Waits"
import type { AnyFiber, Track } from "./tracking.ts"

export interface Names {
  /** The name of its task now, `main` for the program, else `fiber` and its id. */
  nameOf(track: Track): string
  /** The function of `Effect.fn`, else the span, that it is in. */
  placeOf(fiber: AnyFiber): string | undefined
}

/** Names fibers that `outer` started; what they have of it is no name of theirs. */
export const make = (outer: Fiber.Fiber<unknown, unknown>): Names => {
  const outerName = taskNameOf(outer)
  const { span: outerSpan, stackFrame: outerFrame } = outer.cache
  return {
    nameOf: ({ appeared, fiber, id }) => {
      const given = fiber === undefined ? "the outside" : taskNameOf(fiber)
      if (given !== undefined && given !== outerName) return given
      return appeared === 1 ? "main" : `fiber ${id}`
    },
    placeOf: ({ cache: { span, stackFrame } }) => {
      const frame = stackFrame === outerFrame ? undefined : stackFrame?.name
      if (frame !== undefined && frame !== "Effect.fn") return frame
      return span === outerSpan || span?._tag !== "Span" ? undefined : span.name
    }
  }
}

const taskNameOf = (fiber: AnyFiber): string | undefined => {
  const name = Waits.taskName(fiber)
  return name === `fiber#${fiber.id}` ? undefined : name
}

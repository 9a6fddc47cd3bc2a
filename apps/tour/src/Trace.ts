/** Runs a lesson on a virtual clock, in the plain order, and draws what its tasks did. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Simulation } from "@fibra/testing"
import { Effect, Layer } from "effect"
import * as Events from "./Events.ts"
import { type Lesson, nameOf } from "./Lesson.ts"
import * as Outside from "./Outside.ts"
import * as Run from "./Run.ts"
import { wrap } from "./SideBySide.ts"
import * as Timeline from "./Timeline.ts"

export interface Drawn {
  readonly lines: ReadonlyArray<string>
  /** Why the lesson failed. */
  readonly problem: string | undefined
}

export const trace = (lesson: Lesson, options: Timeline.Options): Effect.Effect<Drawn> =>
  Effect.gen(function* () {
    const { main } = yield* Effect.promise(lesson.load)
    const recorder = Events.make()
    const { exit } = yield* Simulation.run(recorder.record(Effect.scoped(main)), plain).pipe(
      Effect.provide(Layer.merge(NodeServices.layer, Outside.layer()))
    )
    const heading = `${nameOf(lesson)}: ${lesson.title}`
    const note = lesson.outside === "none" ? [] : wrap(Outside.note, options.width)
    return {
      lines: [heading, ...note, "", ...Timeline.draw(recorder.events(), options)],
      problem: Run.problemOf(exit)
    }
  })

/** Nobody is paused, and tasks run in the order in which they became ready. */
const plain = { seed: 1, preemption: 0, order: "scheduled" } as const

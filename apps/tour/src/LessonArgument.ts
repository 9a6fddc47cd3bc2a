/** The argument that names a lesson. */
import { Program } from "@fibra/cli"
import { Effect } from "effect"
import { Argument } from "effect/cli"
import type { Lesson } from "./Lesson.ts"
import * as Lessons from "./Lessons.ts"

export const lessonName = Argument.String("lesson").pipe(
  Argument.withDescription("Its name or number, as `tour list` shows them")
)

/** The lesson of that name; wrong usage, with the nearest names, if there is none. */
export const lessonOf = (name: string): Effect.Effect<Lesson, Program.Stopped> => {
  const lesson = Lessons.find(name)
  return lesson === undefined
    ? Effect.fail(new Program.Stopped({ exitCode: 2, reason: Lessons.unknown(name) }))
    : Effect.succeed(lesson)
}

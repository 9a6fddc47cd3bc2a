/** `tour run`: runs one lesson, or all, and says what each showed. */
import { Flags, Program } from "@fibra/cli"
import { Console, type Duration, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { lessonName, lessonOf } from "./LessonArgument.ts"
import { type Lesson, nameOf } from "./Lesson.ts"
import { lessons } from "./Lessons.ts"
import * as Run from "./Run.ts"

const parameters = {
  lesson: Argument.optional(lessonName),
  all: Flags.described(Flag.Boolean("all"), "Runs every lesson, also after one has failed", false)
}

/** Runs lessons one after the other; `Stopped` names those whose claims do not hold. */
export const runAll = (
  chosen: ReadonlyArray<Lesson>,
  options: { readonly timeLimit?: Duration.Input } = {}
): Effect.Effect<void, Program.Stopped> =>
  Effect.gen(function* () {
    const failed: Array<string> = []
    for (const lesson of chosen) {
      yield* Console.log(`${lesson.file.slice(0, 2)} ${nameOf(lesson)}: ${lesson.title}`)
      const ran = yield* Run.run(lesson, options.timeLimit)
      for (const line of ran.lines) yield* Console.log(`     ${line}`)
      const problem = Run.problemOf(ran.exit)
      if (problem === undefined) continue
      failed.push(nameOf(lesson))
      yield* Console.error(`FAILED ${nameOf(lesson)}: ${Program.printable(problem)}`)
    }
    const reason = `${failed.length} of ${chosen.length} lessons failed: ${failed.join(", ")}`
    if (failed.length > 0) return yield* new Program.Stopped({ exitCode: 1, reason })
    if (chosen.length > 1)
      yield* Console.log(`\n${chosen.length} lessons, and all that they claim holds`)
  })

const run = Effect.fnUntraced(function* ({
  all,
  lesson
}: Command.Command.Config.Infer<typeof parameters>) {
  if (all === (lesson._tag === "Some")) {
    const reason = "name one lesson, or give --all"
    return yield* new Program.Stopped({ exitCode: 2, reason })
  }
  yield* runAll(lesson._tag === "Some" ? [yield* lessonOf(lesson.value)] : lessons)
})

export const runCommand = Command.make("run", parameters, run).pipe(
  Command.withDescription(
    "Runs a lesson: real time, real files, real servers on 127.0.0.1, real threads. Each asserts what it claims.\n\n" +
      "Exit codes: 0 all that they claim holds, 1 something does not, 2 wrong usage, 130 Ctrl-C."
  ),
  Command.withShortDescription("Runs a lesson, or all"),
  Command.withExamples([
    { command: "tour run semaphore", description: "Run one lesson" },
    { command: "tour run --all", description: "Run them all, in a few seconds" }
  ])
)

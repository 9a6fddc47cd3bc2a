/** `tour trace`: draws what the tasks of a lesson do, on a virtual clock. */
import { Flags, Program } from "@fibra/cli"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { lessonName, lessonOf } from "./LessonArgument.ts"
import { lessons } from "./Lessons.ts"
import { type Lesson, nameOf } from "./Lesson.ts"
import * as Screen from "./Screen.ts"
import * as Trace from "./Trace.ts"

const parameters = {
  lesson: lessonName,
  width: Screen.width,
  all: Flags.described(
    Flag.Boolean("all"),
    "Also draws helper tasks, which have no name, such as the timer of a deadline",
    false
  )
}

const unable = (lesson: Lesson): string => {
  const able = lessons.filter(({ outside }) => outside !== "real").map(nameOf)
  return (
    `${nameOf(lesson)} waits for threads, a database or sockets of its own, whose time is not ours to draw; ` +
    `these can be drawn: ${able.join(", ")}`
  )
}

const trace = Effect.fnUntraced(function* (
  parsed: Command.Command.Config.Infer<typeof parameters>
) {
  const lesson = yield* lessonOf(parsed.lesson)
  if (lesson.outside === "real") {
    return yield* new Program.Stopped({ exitCode: 2, reason: unable(lesson) })
  }
  const drawn = yield* Trace.trace(lesson, parsed)
  for (const line of drawn.lines) yield* Console.log(line)
  if (drawn.problem !== undefined) {
    return yield* new Program.Stopped({ exitCode: 1, reason: drawn.problem })
  }
})

export const traceCommand = Command.make("trace", parameters, trace).pipe(
  Command.withDescription(
    "Draws a lesson: what each task does, waits for and ends with. The events are those of a real run, on a virtual clock, so it takes no time and is the same each time. Network and disk are in memory for it.\n\n" +
      "Exit codes: 0, 1 the lesson failed, 2 wrong usage, or a lesson that the outside takes part in."
  ),
  Command.withShortDescription("Draws what the tasks of a lesson do"),
  Command.withExamples([
    { command: "tour trace semaphore", description: "Who sits, who waits, who resumes" },
    { command: "tour trace cancellation", description: "Where an interrupt arrives" }
  ])
)

/** `tour show`: the lesson in asyncio and here, and the differences that matter. */
import { diff } from "node:util"
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { lessonName, lessonOf } from "./LessonArgument.ts"
import { type Lesson, nameOf } from "./Lesson.ts"
import * as Screen from "./Screen.ts"
import { sideBySide, stacked, wrap } from "./SideBySide.ts"
import * as Sources from "./Sources.ts"

const parameters = { lesson: lessonName, width: Screen.width }

/** All that there is to show of a lesson, as lines of at most `width` columns, or as its code is wide. */
export const show = (lesson: Lesson, width: number): ReadonlyArray<string> => {
  const textWidth = Math.min(width, 100)
  const ours = { title: `${lesson.file}.ts`, text: Sources.typescript(lesson) }
  const python = Sources.python(lesson)
  return [
    ...wrap(`${nameOf(lesson)}: ${lesson.title}`, textWidth),
    "",
    ...(python === undefined
      ? stacked(ours, width)
      : sideBySide({ title: `${lesson.file}.py`, text: python }, ours, width)),
    "",
    ...printed(lesson, textWidth),
    "",
    ...wrap(`Uses ${lesson.uses}`, textWidth),
    "",
    ...lesson.differences.flatMap((text) => wrap(`* ${text}`, textWidth, "  "))
  ]
}

/** What it prints; where its twin prints otherwise, what is different, and why. */
const printed = (lesson: Lesson, width: number): ReadonlyArray<string> => {
  const python = Sources.pythonPrints(lesson)
  const indent = (line: string) => `  ${line}`
  if (lesson.twin !== "differs" || python === undefined) {
    const who = python === undefined ? "It prints:" : "Both print:"
    return [who, ...Sources.prints(lesson).map(indent)]
  }
  return [
    "They print (- asyncio, + here):",
    ...diff([...python], [...Sources.prints(lesson)]).map(
      ([side, line]) => `${side === 0 ? " " : side > 0 ? "-" : "+"} ${line}`
    ),
    ...wrap(lesson.printsOtherwise ?? "", width)
  ]
}

export const showCommand = Command.make("show", parameters, ({ lesson, width }) =>
  Effect.flatMap(lessonOf(lesson), (lesson) => Console.log(show(lesson, width).join("\n")))
).pipe(
  Command.withDescription(
    "Shows a lesson in asyncio and here, side by side where there is room, and the differences that matter.\n\n" +
      "Exit codes: 0, 2 wrong usage."
  ),
  Command.withShortDescription("Shows a lesson in asyncio and here"),
  Command.withExamples([{ command: "tour show semaphore", description: "Show one lesson" }])
)

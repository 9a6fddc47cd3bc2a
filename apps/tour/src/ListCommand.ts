/** `tour list`: one line for each lesson. */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"
import { type Lesson, nameOf } from "./Lesson.ts"
import { chapters, lessons } from "./Lessons.ts"

const nameWidth = () => Math.max(...lessons.map((lesson) => nameOf(lesson).length))

const lineOf = (lesson: Lesson): string =>
  `${lesson.file.slice(0, 2)}  ${nameOf(lesson).padEnd(nameWidth())}  ${lesson.title}`

const list = Effect.suspend(() =>
  Console.log(
    chapters
      .map(({ lessons, title }) => [title, ...lessons.map((lesson) => `  ${lineOf(lesson)}`)])
      .map((lines) => lines.join("\n"))
      .join("\n\n")
  )
)

export const listCommand = Command.make("list", {}, () => list).pipe(
  Command.withDescription("Lists the lessons in learning order: number, name, what it shows.")
)

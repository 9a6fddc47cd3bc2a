/**
 * The code in the guide is that of the lessons: `npm run guide` writes it there anew.
 *
 * Between `<!-- lesson: NAME -->` and `<!-- end -->` stand the two programs, what they print, and the
 * differences; between `<!-- trace: NAME -->` and `<!-- end -->` the drawing of its tasks.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join, posix } from "node:path"
import { diff } from "node:util"
import { Effect } from "effect"
import { type Lesson, nameOf } from "../apps/tour/src/Lesson.ts"
import { chapters, find } from "../apps/tour/src/Lessons.ts"
import * as Sources from "../apps/tour/src/Sources.ts"
import * as Trace from "../apps/tour/src/Trace.ts"
import { unknownNames } from "./internal/guideNames.ts"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { list } from "./internal/workspaces.ts"

/** Pages whose code is not that of the lessons, or that name what is not there. */
export const problems = async (root: string): Promise<ReadonlyArray<string>> => {
  const pages = await Promise.all(
    pathsOf(root).map(async (path) => {
      const text = read(root, path)
      const { problems, text: fresh } = await render(path, text)
      return [
        ...problems,
        ...(fresh === text ? [] : [problem(path, 1, "is not what the lessons say, npm run guide")]),
        ...(marker.test(text) ? looseFences(path, text) : []),
        ...unknownNames(path, text)
      ]
    })
  )
  return pages.flat()
}

/** Lessons that the page of their chapter does not show. */
export const missing = (root: string): ReadonlyArray<string> =>
  chapters.flatMap(({ lessons, name }) => {
    const path = `docs/guide/${name}.md`
    const text = read(root, path)
    return lessons
      .filter((lesson) => !text.includes(`<!-- lesson: ${nameOf(lesson)} -->`))
      .map((lesson) => problem(path, 1, `does not show ${nameOf(lesson)}, add a marker for it`))
  })

/** Writes the pages anew. */
export const update = async (root: string): Promise<void> => {
  for (const path of pathsOf(root)) {
    writeFileSync(join(root, path), (await render(path, read(root, path))).text)
  }
}

const pathsOf = (root: string) => list(root, "docs/guide/*.md")
const read = (root: string, path: string): string => readFileSync(join(root, path), "utf8")

const marker = /^<!-- (lesson|trace): (\S+) -->$/m
const marked = /^<!-- (lesson|trace): (\S+) -->\n([\s\S]*?)^<!-- end -->$/gm

const render = async (path: string, text: string) => {
  const problems: Array<string> = []
  let fresh = ""
  let rest = 0
  for (const { 0: old, 1: kind, 2: name, index } of text.matchAll(marked)) {
    const lesson = find(name!)
    if (lesson === undefined) {
      problems.push(
        problem(path, lineOf(text, index), `there is no lesson "${name}", mend the name`)
      )
      continue
    }
    const body = kind === "lesson" ? lessonBody(path, lesson) : await traceBody(lesson)
    fresh += `${text.slice(rest, index)}<!-- ${kind}: ${name} -->\n${body.join("\n")}\n<!-- end -->`
    rest = index + old.length
  }
  return { problems, text: fresh + text.slice(rest) }
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

const fence = (language: string, text: string) => [`\`\`\`${language}`, text, "```"]

const lessonBody = (path: string, lesson: Lesson): ReadonlyArray<string> => {
  const folder = posix.relative(posix.dirname(path), "apps/tour/src/lessons")
  const link = (extension: string) =>
    `[${lesson.file}.${extension}](${folder}/${lesson.file}.${extension})`
  const python = Sources.python(lesson)
  return [
    ...(python === undefined
      ? []
      : [`In asyncio, ${link("py")}:`, "", ...fence("python", python), ""]),
    `Here, ${link("ts")}:`,
    "",
    ...fence("typescript", Sources.typescript(lesson)),
    "",
    ...printed(lesson),
    "",
    `Uses ${lesson.uses}`,
    "",
    ...lesson.differences.map((text) => `- ${text}`)
  ]
}

const printed = (lesson: Lesson): ReadonlyArray<string> => {
  const [ours, python] = [Sources.prints(lesson), Sources.pythonPrints(lesson)]
  if (python === undefined) return ["It prints:", "", ...fence("text", ours.join("\n"))]
  if (lesson.twin === "same") return ["Both print:", "", ...fence("text", ours.join("\n"))]
  const lines = diff([...python], [...ours]).map(
    ([side, line]) => `${side === 0 ? " " : side > 0 ? "-" : "+"} ${line}`
  )
  return [
    "asyncio prints the lines with `-`, Fibra those with `+`, and both the others:",
    "",
    ...fence("diff", lines.join("\n")),
    "",
    lesson.printsOtherwise ?? ""
  ]
}

const traceBody = async (lesson: Lesson): Promise<ReadonlyArray<string>> => {
  const { lines } = await Effect.runPromise(Trace.trace(lesson, { width: 80, all: false }))
  return fence("text", [`$ tour trace ${nameOf(lesson)}`, ...lines].join("\n"))
}

/** Programs of these languages would be neither checked nor run if they were not from a lesson. */
const looseFences = (path: string, text: string): ReadonlyArray<string> =>
  text
    .replace(marked, (old) => old.replace(/[^\n]/g, ""))
    .split("\n")
    .flatMap((line, index) =>
      /^```(typescript|python)$/.test(line)
        ? [problem(path, index + 1, "has code that nothing checks, use a lesson or a `ts` fence")]
        : []
    )

if (isMain(import.meta.url)) {
  if (process.argv.includes("--update")) await update(repository)
  report([...(await problems(repository)), ...missing(repository)])
}

/**
 * Every rule of a SPEC.md has a test whose title starts with its id, and the other way round.
 *
 * A rule is a line `- **ABC1** — sentence.`; a title is `"ABC1: fact"` or `"ABC1, ABC2: fact"`.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isMain, problem, report, repository } from "./internal/report.ts"
import { titlesOf } from "./internal/titles.ts"
import { list, workspaces } from "./internal/workspaces.ts"

const rule = /^- \*\*([A-Z]+\d+)\*\* — \S.*$/
const ruleLike = /^\s*[-*]\s+\**[A-Z]+\d+\b/
const idsOfTitle = /^([A-Z]+\d+(?:, [A-Z]+\d+)*): \S/

/** Rules without a test, titles without a rule, in every workspace that has a SPEC.md. */
export const problems = (root: string): ReadonlyArray<string> =>
  workspaces(root)
    .filter(({ folder }) => existsSync(join(root, folder, "SPEC.md")))
    .flatMap(({ folder }) => {
      const rules = readRules(root, `${folder}/SPEC.md`)
      const titles = list(root, `${folder}/test/**/*.{test,sim,soak}.ts`).flatMap((path) =>
        titlesOf(path, readFileSync(join(root, path), "utf8")).map((title) => ({
          ...title,
          path,
          ids: idsOfTitle.exec(title.text ?? "")?.[1]!.split(", ") ?? []
        }))
      )
      const proven = new Set(titles.filter(({ runs }) => runs).flatMap(({ ids }) => ids))
      return [
        ...rules.problems,
        ...[...rules.lines]
          .filter(([id]) => !proven.has(id))
          .map(([id, line]) =>
            problem(rules.path, line, `no test has a title that starts with "${id}: ", write one`)
          ),
        ...titles.flatMap(({ ids, line, path, text }) => {
          if (text === undefined) {
            return [problem(path, line, "this title is computed, write it as a literal")]
          }
          return ids.length === 0
            ? [
                problem(
                  path,
                  line,
                  `"${text}" does not start with the id of a rule in ${rules.path}`
                )
              ]
            : ids
                .filter((id) => !rules.lines.has(id))
                .map((id) => problem(path, line, `${id} is not in ${rules.path}, add the rule`))
        })
      ]
    })

const readRules = (root: string, path: string) => {
  const lines = new Map<string, number>()
  const problems: Array<string> = []
  for (const [index, text] of readFileSync(join(root, path), "utf8").split("\n").entries()) {
    const id = rule.exec(text)?.[1]
    if (id === undefined) {
      if (ruleLike.test(text)) {
        problems.push(problem(path, index + 1, "write a rule as `- **ABC1** — sentence.`"))
      }
    } else if (lines.has(id)) {
      problems.push(
        problem(
          path,
          index + 1,
          `${id} is also the rule at line ${lines.get(id)}, renumber the new one`
        )
      )
    } else lines.set(id, index + 1)
  }
  return { path, lines, problems }
}

if (isMain(import.meta.url)) report(problems(repository))

/** The titles of the tests in a file: first arguments of `it(...)`, `it.effect.each(...)(...)` and the like. */
import type { Expression } from "oxc-parser"
import { lineAt, parse, walk } from "./syntax.ts"

export interface Title {
  /** Undefined when it is not a literal; `${}` of a template are left out. */
  readonly text: string | undefined
  readonly line: number
  /** False for `skip` and `todo`, which prove nothing. */
  readonly runs: boolean
}

export const titlesOf = (path: string, text: string): ReadonlyArray<Title> => {
  const found: Array<Title> = []
  walk(parse(path, text).program, (node) => {
    if (node.type !== "CallExpression") return
    const names = chainOf(node.callee)
    // `it.layer(...)(name, ...)` is a group of tests, as `describe` is.
    if (!["it", "test"].includes(names[0]!) || names.includes("layer")) return
    const [title, ...rest] = node.arguments
    if (title === undefined || title.type === "SpreadElement") return
    const literal = literalText(title)
    // `it.each(cases)` has only cases; a test has a title and a body.
    if (literal === undefined && rest.length === 0) return
    const runs = !names.includes("skip") && !names.includes("todo")
    found.push({ text: literal, line: lineAt(text, title.start), runs })
  })
  return found
}

/** `it.effect.each(cases)` as `["it", "effect", "each"]`. */
const chainOf = (callee: Expression): ReadonlyArray<string> => {
  switch (callee.type) {
    case "Identifier":
      return [callee.name]
    case "CallExpression":
      return chainOf(callee.callee)
    case "TaggedTemplateExpression":
      return chainOf(callee.tag)
    case "MemberExpression":
      return callee.computed || callee.property.type !== "Identifier"
        ? chainOf(callee.object)
        : [...chainOf(callee.object), callee.property.name]
    default:
      return [""]
  }
}

const literalText = (node: Expression): string | undefined => {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : undefined
  if (node.type !== "TemplateLiteral") return undefined
  return node.quasis.map(({ value }) => value.cooked ?? "").join("")
}

/**
 * A fence as the body of a generator, line by line where it was.
 *
 * `statement // => value` becomes an assertion, imports leave for the top of the file, and what the
 * fence declares counts as used, so that a fence may only declare.
 */
import type { Node, Program } from "oxc-parser"
import { boundNames, lineAt, parse, walk } from "./syntax.ts"

interface Body {
  /** The lines of the fence, rewritten. */
  readonly statements: ReadonlyArray<string>
  /** The import statements, each on one line. */
  readonly imports: ReadonlyArray<string>
  /** Names that the code uses and does not declare. */
  readonly free: ReadonlySet<string>
  /** A statement that uses all top-level declarations. */
  readonly uses: string
  /** Nothing, or why the rest cannot be used. */
  readonly bad: ReadonlyArray<BadLine>
}

/** What is wrong with a fence, and on which of its lines, from 1. */
interface BadLine {
  readonly line: number
  readonly text: string
}

// Imports are not allowed in a function; the rest of the fence is not allowed outside of one.
const importStatement = /^import\s(?:[^"'()]*?\sfrom\s*)?["'][^"']+["'];?[ \t]*$/gm
const exportKeyword =
  /^export (?=(?:abstract|async|class|const|function|interface|let|type|using)\b)/gm
const open = "function* $() {"

/** Rewrites the lines of a fence. */
export const exampleBody = (lines: ReadonlyArray<string>): Body => {
  const source = lines.join("\n")
  const imports = [...source.matchAll(importStatement)].map(([text]) => text.replaceAll("\n", " "))
  const statements = source
    .replace(importStatement, (text) => text.replace(/[^\n]/g, ""))
    .replace(exportKeyword, "")
  const wrapped = `${open}${statements}\n}`
  const { comments, errors, program } = parse("fence.ts", wrapped)
  const bad = errors.map(({ labels, message }) => ({
    line: lineAt(wrapped, labels[0]?.start ?? 0),
    text: `is not TypeScript (use \`\`\`text for what is not): ${message}`
  }))
  const inserts: Array<readonly [offset: number, text: string]> = []
  for (const { end, start, type, value } of comments) {
    const expected = type === "Line" ? /^\s*=>(.*)$/.exec(value)?.[1]!.trim() : undefined
    if (expected === undefined) continue
    const line = lineAt(wrapped, end)
    const target = assertable(program, wrapped, start)
    if (target === undefined) {
      bad.push({ line, text: "has a `// =>` that does not follow the end of a statement" })
    } else if (parse("value.ts", `(${expected})`).errors.length > 0) {
      bad.push({ line, text: `has a \`// =>\` before what is not a value: ${expected}` })
    } else inserts.push([target.start, "$same("], [target.end, `, (${expected}))`])
  }
  const code = inserts
    .toSorted(([a], [b]) => b - a)
    .reduce((text, [at, insert]) => text.slice(0, at) + insert + text.slice(at), wrapped)
  const rewritten = parse("fence.ts", code).program
  return {
    bad,
    imports,
    statements: code.slice(open.length, -"\n}".length).split("\n"),
    free: freeNames(rewritten),
    uses: usesOfDeclarations(rewritten)
  }
}

/** The expression whose value a `// =>` comment at this offset is about. */
const assertable = (program: Program, text: string, offset: number): Node | undefined => {
  let found: Node | undefined
  walk(program, (node) => {
    if (node.end > offset || text.slice(node.end, offset).trim() !== "") return
    if (node.type === "ExpressionStatement") found = node.expression
    if (node.type === "ReturnStatement") found = node.argument ?? undefined
    if (node.type === "VariableDeclaration") found = node.declarations.at(-1)?.init ?? undefined
  })
  return found
}

const freeNames = (program: Program): ReadonlySet<string> => {
  const used = new Set<string>()
  const declared = new Set<string>()
  walk(program, (node, parent, field) => {
    if (node.type !== "Identifier") return
    const isProperty =
      (field === "property" || field === "key") && !("computed" in parent! && parent.computed)
    if (isProperty || (field === "right" && parent?.type === "TSQualifiedName")) return
    if (isDeclaration(parent, field)) declared.add(node.name)
    else used.add(node.name)
  })
  return new Set([...used].filter((name) => !declared.has(name)))
}

const isDeclaration = (parent: Node | undefined, field: string): boolean => {
  switch (parent?.type) {
    case "VariableDeclarator":
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ClassDeclaration":
    case "ClassExpression":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
      return field === "id" || field === "params"
    case "ArrowFunctionExpression":
      return field === "params"
    case "TSTypeParameter":
      return field === "name"
    case "CatchClause":
      return field === "param"
    case "ArrayPattern":
    case "RestElement":
      return true
    default:
      return false
  }
}

/** Values in a list and types as types of nothing: enough for the compiler to call them used. */
const usesOfDeclarations = (program: Program): string => {
  const values: Array<string> = []
  const [wrapper] = program.body
  const statements = wrapper?.type === "FunctionDeclaration" ? (wrapper.body?.body ?? []) : []
  for (const node of statements) {
    if (node.type === "VariableDeclaration") {
      for (const { id } of node.declarations) values.push(...boundNames(id))
    } else if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      if (node.id !== null) values.push(node.id.name)
    } else if (node.type === "TSTypeAliasDeclaration" || node.type === "TSInterfaceDeclaration") {
      const parameters = node.typeParameters?.params.map(() => "never") ?? []
      const type = node.id.name + (parameters.length > 0 ? `<${parameters.join(", ")}>` : "")
      values.push(`0 as unknown as ${type}`)
    }
  }
  return values.length > 0 ? `;void [${values.join(", ")}];` : ""
}

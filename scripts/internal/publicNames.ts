/** The exported names of a module, with what they are and the comment in front of them. */
import type { Comment, Declaration, Statement } from "oxc-parser"
import { boundNames, lineAt, parse } from "./syntax.ts"

export interface PublicName {
  readonly name: string
  /** `const`, `function`, `class`, `interface`, `type`, `namespace`, or `from ./internal/FILE`. */
  readonly kind: string
  readonly line: number
  /** The text of its doc comment, without stars. */
  readonly doc: string | undefined
}

export interface PublicModule {
  /** Each name once for each of its kinds, with the doc of its first declaration that has one. */
  readonly names: ReadonlyArray<PublicName>
  /** The doc comment at the top, when it is not that of the first declaration. */
  readonly doc: string | undefined
  /** Lines of exports that are not declarations: re-exports, lists and defaults. */
  readonly others: ReadonlyArray<number>
}

export const publicModule = (path: string, text: string): PublicModule => {
  const { comments, program } = parse(path, text)
  const docs = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"))
  const docBefore = (node: Statement) =>
    docs.findLast(({ end }) => end <= node.start && isOnlyComments(text.slice(end, node.start)))
  const others: Array<number> = []
  const names: Array<PublicName> = []
  for (const node of program.body) {
    if (node.type === "ExportNamedDeclaration" && node.declaration !== null) {
      const doc = docBefore(node)
      for (const [kind, name] of declared(node.declaration)) {
        names.push({ name, kind, line: lineAt(text, node.start), doc: textOf(doc) })
      }
    } else if (node.type === "ExportNamedDeclaration" && isInternal(node.source?.value)) {
      // What two modules of a package share is declared privately, and public in one of them.
      for (const { exported } of node.specifiers) {
        const name = "name" in exported ? exported.name : exported.value
        const kind = `from ${node.source!.value}`
        names.push({ name, kind, line: lineAt(text, node.start), doc: textOf(docBefore(node)) })
      }
    } else if (node.type.startsWith("Export") && text.slice(node.start, node.end) !== "export {}") {
      others.push(lineAt(text, node.start))
    }
  }
  const [first] = program.body
  const top = docs.find(({ end }) => first === undefined || end <= first.start)
  const isOfFirst = first !== undefined && !isImport(first) && docBefore(first) === top
  return { names: merged(names), others, doc: isOfFirst ? undefined : textOf(top) }
}

/** Overloads are one name, and one documented declaration is enough for all that share a name. */
const merged = (names: ReadonlyArray<PublicName>): ReadonlyArray<PublicName> => {
  const found = new Map<string, PublicName>()
  for (const { kind, line, name } of names) {
    const doc = names.find((other) => other.name === name && other.doc !== undefined)?.doc
    if (!found.has(`${name} ${kind}`)) found.set(`${name} ${kind}`, { name, kind, line, doc })
  }
  return [...found.values()]
}

const isInternal = (source: string | undefined): boolean =>
  source?.startsWith("./internal/") === true

const isImport = ({ type }: Statement): boolean => type === "ImportDeclaration"

const isOnlyComments = (text: string): boolean => text.replace(/\/\/.*/g, "").trim() === ""

const textOf = (comment: Comment | undefined): string | undefined =>
  comment?.value
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim()

const declared = (node: Declaration): ReadonlyArray<readonly [kind: string, name: string]> => {
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) =>
        boundNames(id).map((name) => [node.kind, name] as const)
      )
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return node.id === null ? [] : [["function", node.id.name]]
    case "ClassDeclaration":
      return node.id === null ? [] : [["class", node.id.name]]
    case "TSInterfaceDeclaration":
      return [["interface", node.id.name]]
    case "TSTypeAliasDeclaration":
      return [["type", node.id.name]]
    case "TSModuleDeclaration":
      return node.id.type === "Identifier" ? [["namespace", node.id.name]] : []
    default:
      return []
  }
}

/** TypeScript as data: parsed files, their imports, and the lines of positions in them. */
import {
  type BindingPattern,
  type Node,
  type ParseResult,
  parseSync,
  Visitor,
  visitorKeys
} from "oxc-parser"

export interface Import {
  readonly specifier: string
  readonly line: number
}

/** Parses TypeScript; `errors` of the result says what is not TypeScript. */
export const parse = (path: string, text: string): ParseResult =>
  parseSync(path, text, { lang: "ts", sourceType: "module", astType: "ts" })

/** The line of a position, from 1. */
export const lineAt = (text: string, offset: number): number =>
  text.slice(0, offset).split("\n").length

/** Every module that a file names: static, dynamic (when written as a literal), type and re-export. */
export const importsOf = (path: string, text: string): ReadonlyArray<Import> => {
  const { module, program } = parse(path, text)
  const specifiers = new Map<number, string>()
  for (const { moduleRequest } of module.staticImports) {
    specifiers.set(moduleRequest.start, moduleRequest.value)
  }
  for (const { moduleRequest } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest !== null) specifiers.set(moduleRequest.start, moduleRequest.value)
  }
  new Visitor({
    ImportExpression: ({ source }) => {
      if (source.type === "Literal" && typeof source.value === "string") {
        specifiers.set(source.start, source.value)
      }
    },
    TSImportType: ({ source }) => {
      specifiers.set(source.start, source.value)
    }
  }).visit(program)
  return [...specifiers].map(([offset, specifier]) => ({ specifier, line: lineAt(text, offset) }))
}

/** Visits every node below `node`, parents first, with its parent and the parent's field that holds it. */
export const walk = (
  node: Node,
  visit: (node: Node, parent: Node | undefined, field: string) => void
): void => {
  const step = (node: Node, parent: Node | undefined, field: string): void => {
    visit(node, parent, field)
    for (const key of visitorKeys[node.type] ?? []) {
      const value: unknown = Reflect.get(node, key)
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isNode(child)) step(child, node, key)
      }
    }
  }
  step(node, undefined, "")
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value

/** The names that a pattern of a declaration binds. */
export const boundNames = (pattern: BindingPattern): ReadonlyArray<string> => {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name]
    case "AssignmentPattern":
      return boundNames(pattern.left)
    case "ArrayPattern":
      return pattern.elements.flatMap((element) =>
        element === null
          ? []
          : boundNames(element.type === "RestElement" ? element.argument : element)
      )
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "RestElement" ? property.argument : property.value)
      )
  }
}

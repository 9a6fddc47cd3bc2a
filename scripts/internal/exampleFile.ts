/**
 * One test file for the fences of one source file.
 *
 * Every line of a fence keeps its number, so that a failure or a type error at line 41 of the
 * generated file is at line 41 of the source. Its imports go to the line on which it opens.
 */
import { exampleBody } from "./exampleBody.ts"
import type { Fence } from "./fences.ts"
import { problem } from "./report.ts"
import { parse } from "./syntax.ts"

/** What a name in scope stands for. */
export interface Binding {
  readonly source: string
  /** `*` for a namespace, `default`, or the exported name. */
  readonly imported: string
  readonly isType: boolean
}

export interface ExampleFile {
  readonly text: string
  readonly problems: ReadonlyArray<string>
}

/**
 * Builds the test file for the fences of `path`.
 *
 * `known` are the names that a fence may use without importing them; `runner` is the specifier of
 * exampleTest.ts as seen from the new file.
 */
export const exampleFile = (
  path: string,
  fences: ReadonlyArray<Fence>,
  known: ReadonlyMap<string, Binding>,
  runner: string
): ExampleFile => {
  const problems: Array<string> = []
  const bindings = new Map<string, Binding & { readonly line: number }>()
  const bodies = fences.map((fence) => ({ ...fence, ...exampleBody(fence.code) }))
  for (const { bad, closed, free, imports, line } of bodies) {
    if (!closed) problems.push(problem(path, line, "this fence has no end, close it"))
    for (const { line: inner, text } of bad) {
      problems.push(problem(path, line + inner, `this fence ${text}`))
    }
    for (const [name, binding] of bindingsOf(imports, free, known)) {
      const other = bindings.get(name)
      if (other !== undefined && originOf(other) !== originOf(binding)) {
        problems.push(
          problem(
            path,
            line,
            `${name} is ${originOf(binding)} here and ${originOf(other)} in the fence at line ${other.line}, import it from one place`
          )
        )
      }
      const isType = binding.isType && (other?.isType ?? true)
      bindings.set(name, { ...binding, isType, line: other?.line ?? line })
    }
  }
  const lines = [`import { $Effect, $it, $NodeServices, $same } from "${runner}"; void $same;`]
  const put = (line: number, text: string) => {
    while (lines.length < line) lines.push("")
    lines[line - 1] += text
  }
  for (const { line, statements, uses } of bodies) {
    for (const [name, binding] of bindings) {
      if (binding.line === line) put(line, `${importOf(name, binding)}; `)
    }
    put(line, `$it.live("${path}:${line}", () => $Effect.gen(function*() {`)
    for (const [index, text] of statements.entries()) put(line + 1 + index, text)
    put(line + 1 + statements.length, `${uses}}).pipe($Effect.provide($NodeServices.layer)))`)
  }
  return { problems, text: `${lines.join("\n")}\n` }
}

/** Names that a fence imports or uses from its surroundings. */
const bindingsOf = (
  imports: ReadonlyArray<string>,
  free: ReadonlySet<string>,
  known: ReadonlyMap<string, Binding>
): ReadonlyArray<readonly [string, Binding]> => {
  const own = new Map(imports.flatMap(importedNames))
  const used = [...free].flatMap((name) => {
    const binding = own.has(name) ? undefined : known.get(name)
    return binding === undefined ? [] : [[name, binding] as const]
  })
  return [...own, ...used]
}

const importedNames = (statement: string): ReadonlyArray<readonly [string, Binding]> =>
  parse("import.ts", statement).module.staticImports.flatMap(({ entries, moduleRequest }) =>
    entries.map(({ importName, isType, localName }) => {
      const imported = { Name: importName.name!, NamespaceObject: "*", Default: "default" }
      const binding = { source: moduleRequest.value, imported: imported[importName.kind], isType }
      return [localName.value, namespaceOf(binding)] as const
    })
  )

/** `{ Effect } from "effect"` is `* from "effect/Effect"`: one name, however a fence imports it. */
const namespaceOf = (binding: Binding): Binding =>
  /^(effect|@fibra\/[^/]+)$/.test(binding.source) && /^[A-Z]/.test(binding.imported)
    ? { ...binding, source: `${binding.source}/${binding.imported}`, imported: "*" }
    : binding

const originOf = ({ imported, source }: Binding): string =>
  imported === "*" ? `"${source}"` : `${imported} of "${source}"`

const importOf = (name: string, { imported, isType, source }: Binding): string => {
  const keyword = isType ? "import type" : "import"
  if (imported === "*") return `${keyword} * as ${name} from "${source}"`
  return imported === "default"
    ? `${keyword} ${name} from "${source}"`
    : `${keyword} { ${imported} as ${name} } from "${source}"`
}

/** The `ts` fences of Markdown and of doc comments, each with the line on which it opens. */
import { lineAt, parse } from "./syntax.ts"

export interface Fence {
  /** The line of the opening mark, from 1; the code starts on the next one. */
  readonly line: number
  readonly code: ReadonlyArray<string>
  /** False when the text ends before the fence does. */
  readonly closed: boolean
}

/** Fences of a Markdown file. */
export const markdownFences = (text: string): ReadonlyArray<Fence> => fences(text.split("\n"), 1)

/** Fences in the doc comments of a TypeScript file. */
export const docFences = (path: string, text: string): ReadonlyArray<Fence> =>
  parse(path, text)
    .comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .flatMap(({ start, value }) => {
      const lines = value.split("\n").map((line) => line.replace(/^\s*\* ?/, ""))
      return fences(lines, lineAt(text, start))
    })

const opening = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/

const fences = (lines: ReadonlyArray<string>, firstLine: number): ReadonlyArray<Fence> => {
  const found: Array<Fence> = []
  for (let index = 0; index < lines.length; index++) {
    const [, indent, mark, language] = opening.exec(lines[index]!) ?? []
    if (indent === undefined || mark === undefined) continue
    const open = index
    const isClosing = (line: string) =>
      line.trim().startsWith(mark) && line.trim().replaceAll(mark[0]!, "") === ""
    do index++
    while (index < lines.length && !isClosing(lines[index]!))
    if (language !== "ts") continue
    const code = lines.slice(open + 1, index).map((line) => withoutIndent(line, indent.length))
    found.push({ line: firstLine + open, code, closed: index < lines.length })
  }
  return found
}

const withoutIndent = (line: string, width: number): string =>
  line.slice(0, width).trim() === "" ? line.slice(width) : line

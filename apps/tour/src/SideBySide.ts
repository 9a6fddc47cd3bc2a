/** Puts two texts beside each other where there is room, else one below the other. */

export interface Side {
  readonly title: string
  readonly text: string
}

export const sideBySide = (left: Side, right: Side, width: number): ReadonlyArray<string> => {
  const [lefts, rights] = [linesOf(left), linesOf(right)]
  const leftWidth = widest(lefts)
  if (leftWidth + gap.length + widest(rights) > width) {
    return [...stacked(left, width), "", ...stacked(right, width)]
  }
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, index) =>
    `${(lefts[index] ?? "").padEnd(leftWidth)}${gap}${rights[index] ?? ""}`.trimEnd()
  )
}

/** One text under its title. */
export const stacked = ({ text, title }: Side, width: number): ReadonlyArray<string> => [
  `-- ${title} `.padEnd(Math.min(width, 80), "-"),
  ...text.split("\n")
]

/** Breaks a text between words; lines after the first are indented by `indent`. */
export const wrap = (text: string, width: number, indent = ""): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line.trim() !== "" && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const gap = "  |  "

const linesOf = ({ text, title }: Side): ReadonlyArray<string> => [
  title,
  "-".repeat(title.length),
  ...text.split("\n")
]

const widest = (lines: ReadonlyArray<string>): number =>
  Math.max(...lines.map((line) => line.length))

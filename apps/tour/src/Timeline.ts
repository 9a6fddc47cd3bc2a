/** Draws the events of a run: a row for each task, a column for each moment, and a list below. */
import type { Event, Task } from "./Events.ts"
import { wrap } from "./SideBySide.ts"

/** What a row consists of. Marks beat lines, and later marks of a moment beat earlier ones. */
const symbols = {
  start: ">",
  sleep: "~",
  wait: ".",
  other: "-",
  done: "|",
  interrupt: "x",
  failed: "!"
} as const

const legend: Readonly<Record<keyof typeof symbols, string>> = {
  start: "starts or resumes",
  sleep: "sleeps",
  wait: "waits for what is named below",
  other: "waits, and does not say for what",
  done: "ends",
  interrupt: "is interrupted",
  failed: "fails"
}

export interface Options {
  /** Columns that may be used. */
  readonly width: number
  /** Also tasks without a name: the timer of a deadline, for example. */
  readonly all: boolean
}

/** The rows and the list, as lines. */
export const draw = (events: ReadonlyArray<Event>, options: Options): ReadonlyArray<string> => {
  const rows = rowsOf(events, options.all)
  const drawn = events.filter(({ task }) => rows.has(task))
  const hidden = new Set(events.map(({ task }) => task)).size - rows.size
  const label = Math.max(...[...rows.values()].map((name) => name.length))
  const scale = scaleOf(drawn, options.width - label - 3)
  const lines = [...rows].map(([task, name]) => {
    const own = drawn.filter((event) => event.task === task)
    return `${name.padEnd(label)}  ${rowOf(own, scale)}`
  })
  const used = new Set(lines.map((line) => line.slice(label)).join(""))
  return [
    `${"".padEnd(label)}  ${scale.ruler}`,
    ...lines,
    "",
    ...legendOf(used, options.width),
    ...(hidden > 0 ? wrap(hint(hidden, options.all), options.width) : []),
    "",
    ...listOf(drawn, rows, options.width)
  ]
}

const hint = (hidden: number, all: boolean): string =>
  `${hidden} ${hidden > 1 ? "tasks are" : "task is"} not drawn: ` +
  (all ? `only the first ${rowsMax} are` : "helpers without a name, which --all draws")

/** More rows than a screen has are no help. */
const rowsMax = 40

/** Which tasks have a row, and under which name. */
const rowsOf = (events: ReadonlyArray<Event>, all: boolean): ReadonlyMap<Task, string> => {
  const rows = new Map<Task, string>()
  let helpers = 0
  for (const { task } of events) {
    if (rows.has(task) || rows.size === rowsMax) continue
    if (task.name !== undefined) rows.set(task, task.name)
    else if (all) rows.set(task, `helper ${++helpers}`)
  }
  return rows
}

interface Scale {
  readonly column: (at: number) => number
  /** Times, each above the column that it is about. */
  readonly ruler: string
}

const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000, 600_000]

const scaleOf = (events: ReadonlyArray<Event>, width: number): Scale => {
  const end = Math.max(...events.map(({ at }) => at))
  const step = steps.find((step) => end / step < width) ?? Math.ceil(end / (width - 1))
  const column = (at: number) => Math.round(at / step)
  let ruler = ""
  for (const at of new Set(events.map(({ at }) => at))) {
    const text = `${shown(at)} ms`
    if (at > 0 && column(at) < ruler.length + 1) continue
    ruler = ruler.padEnd(column(at)) + text
  }
  return { column, ruler }
}

const rowOf = (events: ReadonlyArray<Event>, { column }: Scale): string => {
  const cells: Array<string> = []
  let line: string = " "
  for (const [index, event] of events.entries()) {
    const from = column(event.at)
    while (cells.length < from) cells.push(index === 0 ? " " : line)
    switch (event.kind) {
      case "start":
      case "resume":
        cells[from] = symbols.start
        break
      case "sleep":
        line = symbols.sleep
        break
      case "wait":
        line = event.on === undefined ? symbols.other : symbols.wait
        break
      case "interrupt":
        cells[from] = symbols.interrupt
        break
      case "end":
        if (event.how === "interrupted" && cells[from] === symbols.interrupt) break
        cells[from] = event.how === "failed" ? symbols.failed : symbols.done
        break
      case "print":
    }
  }
  return cells.join("")
}

const legendOf = (used: ReadonlySet<string>, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const [kind, symbol] of Object.entries(symbols)) {
    if (!used.has(symbol)) continue
    const text = `${symbol} ${legend[kind as keyof typeof symbols]}`
    const last = lines.at(-1)
    if (last === undefined || last.length + text.length + 3 > width) lines.push(text)
    else lines[lines.length - 1] = `${last}   ${text}`
  }
  return lines
}

/** What happened, in order: what a task does in one go is one line. */
const listOf = (
  events: ReadonlyArray<Event>,
  rows: ReadonlyMap<Task, string>,
  width: number
): ReadonlyArray<string> => {
  const lines: Array<{ at: number; task: Task; texts: Array<string> }> = []
  for (const event of events) {
    const last = lines.at(-1)
    const text = textOf(event)
    if (last !== undefined && last.task === event.task && last.at === event.at)
      last.texts.push(text)
    else lines.push({ at: event.at, task: event.task, texts: [text] })
  }
  const [time, name] = [
    Math.max(...lines.map(({ at }) => shown(at).length)),
    Math.max(...lines.map(({ task }) => rows.get(task)!.length))
  ]
  return lines.flatMap(({ at, task, texts }) => {
    const prefix = `${shown(at).padStart(time)} ms  ${rows.get(task)!.padEnd(name)}  `
    return wrap(texts.join(", "), width - prefix.length).map(
      (line, index) => (index === 0 ? prefix : " ".repeat(prefix.length)) + line
    )
  })
}

/** Milliseconds, to a tenth. */
const shown = (millis: number): string => String(Math.round(millis * 10) / 10)

const textOf = (event: Event): string => {
  switch (event.kind) {
    case "start":
      return "starts"
    case "resume":
      return "resumes"
    case "sleep":
      return Number.isFinite(event.millis) ? `sleeps ${shown(event.millis)} ms` : "sleeps for ever"
    case "wait":
      return event.on === undefined ? "waits" : `waits for ${event.on}`
    case "interrupt":
      return event.by === undefined ? "is interrupted" : `is interrupted by ${event.by}`
    case "print":
      return `prints "${event.text}"`
    case "end":
      return event.how === "done" ? "ends" : event.how === "failed" ? "fails" : "ends interrupted"
  }
}

/** The files of a lesson, as they are, and what it prints. */
import { readFileSync } from "node:fs"
import type { Lesson } from "./Lesson.ts"

/** Where a file of the lessons is. */
export const urlOf = (path: string): URL =>
  // Beside `src/Sources.ts`, and in a published package beside `dist/Sources.js`.
  new URL(`../src/lessons/${path}`, import.meta.url)

const read = (path: string): string => readFileSync(urlOf(path), "utf8").trimEnd()

export const typescript = ({ file }: Lesson): string => read(`${file}.ts`)

/** The Python program, where there is one. */
export const python = ({ file, twin }: Lesson): string | undefined =>
  twin === "none" ? undefined : read(`${file}.py`)

/** What the lesson prints: for one that has the same twin, what Python printed. */
export const prints = ({ file, twin }: Lesson): ReadonlyArray<string> =>
  recorded(twin === "same" ? file : `${file}.fibra`)

/** What Python printed, where there is a twin. */
export const pythonPrints = ({ file, twin }: Lesson): ReadonlyArray<string> | undefined =>
  twin === "none" ? undefined : recorded(file)

/** A recorded trace without the line that says whose it is. */
const recorded = (name: string): ReadonlyArray<string> =>
  read(`traces/${name}.txt`).split("\n").slice(1)

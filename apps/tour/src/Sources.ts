/** The files of a lesson, as they are. */
import { readFileSync } from "node:fs"
import type { Lesson } from "./Lesson.ts"

// Beside `src/Sources.ts`, and in a published package beside `dist/Sources.js`.
const read = (path: string): string =>
  readFileSync(new URL(`../src/lessons/${path}`, import.meta.url), "utf8").trimEnd()

export const typescript = ({ file }: Lesson): string => read(`${file}.ts`)

/** The Python program, where there is one. */
export const python = ({ file, twin }: Lesson): string | undefined =>
  twin === "none" ? undefined : read(`${file}.py`)

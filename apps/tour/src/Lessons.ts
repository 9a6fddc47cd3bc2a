/** All lessons, in learning order, by chapter. */
import { beyond } from "./chapters/Beyond.ts"
import { io } from "./chapters/Io.ts"
import { limits } from "./chapters/Limits.ts"
import { practice } from "./chapters/Practice.ts"
import { tasks } from "./chapters/Tasks.ts"
import { time } from "./chapters/Time.ts"
import { work } from "./chapters/Work.ts"
import { type Chapter, type Lesson, nameOf } from "./Lesson.ts"
import { nearest } from "./Nearest.ts"

export const chapters: ReadonlyArray<Chapter> = [tasks, limits, time, io, practice, work, beyond]

export const lessons: ReadonlyArray<Lesson> = chapters.flatMap(({ lessons }) => lessons)

/** A lesson by its name, its number, or both: `semaphore`, `7`, `07-semaphore`. */
export const find = (wanted: string): Lesson | undefined => {
  const text = wanted.trim().toLowerCase()
  return lessons.find(
    (lesson) =>
      text === nameOf(lesson) ||
      text === lesson.file ||
      (/^\d+$/.test(text) && Number(text) === Number.parseInt(lesson.file, 10))
  )
}

/** One line for a name that no lesson has, with those that it may have meant. */
export const unknown = (wanted: string): string => {
  const near = nearest(wanted, lessons.map(nameOf))
  const hint =
    near.length === 0 ? "`tour list` shows them all" : `did you mean ${near.join(" or ")}?`
  return `there is no lesson "${wanted}": ${hint}`
}

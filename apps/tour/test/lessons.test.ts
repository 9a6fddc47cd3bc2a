import { assert, describe, it } from "@effect/vitest"
import { existsSync, readdirSync } from "node:fs"
import { Effect } from "effect"
import { nameOf } from "../src/Lesson.ts"
import { find, lessons, unknown } from "../src/Lessons.ts"
import { nearest } from "../src/Nearest.ts"
import * as Run from "../src/Run.ts"
import { show } from "../src/ShowCommand.ts"
import * as Sources from "../src/Sources.ts"

describe("lessons", () => {
  it("TOU1: each file of a lesson is in the list, numbered from 1 without gaps", () => {
    const files = readdirSync(Sources.urlOf("./")).filter((name) => name.endsWith(".ts"))
    assert.deepStrictEqual(
      lessons.map(({ file }) => `${file}.ts`),
      files.toSorted()
    )
    assert.deepStrictEqual(
      lessons.map(({ file }) => Number.parseInt(file, 10)),
      lessons.map((_, index) => index + 1)
    )
  })

  it.each(lessons)(
    "TOU1: $file has at most 60 lines of 80 columns, in both languages",
    (lesson) => {
      const texts = [Sources.typescript(lesson), Sources.python(lesson)]
      for (const text of texts.filter((text) => text !== undefined)) {
        const lines = text.split("\n")
        assert.isAtMost(lines.length, 60)
        for (const line of lines) assert.isAtMost(line.length, 80, line)
      }
      const twin = existsSync(Sources.urlOf(`${lesson.file}.py`))
      assert.strictEqual(twin, lesson.twin !== "none")
      assert.strictEqual(lesson.twin === "differs", lesson.printsOtherwise !== undefined)
    }
  )

  it.live.each(lessons)(
    "TOU2, TOU30: $file prints what is recorded, and its claims hold",
    (lesson) =>
      Effect.gen(function* () {
        const { exit, lines } = yield* Run.run(lesson)
        assert.strictEqual(Run.problemOf(exit), undefined)
        assert.deepStrictEqual(lines, Sources.prints(lesson))
      })
  )

  it("TOU11: a lesson is found by name, number, or both", () => {
    const semaphore = lessons.find((lesson) => nameOf(lesson) === "semaphore")
    for (const text of ["semaphore", "Semaphore ", "7", "07", "07-semaphore"]) {
      assert.strictEqual(find(text), semaphore)
    }
    for (const text of ["", "0", "99", "-1", "7.5", "semaphores"]) {
      assert.strictEqual(find(text), undefined)
    }
  })

  it("TOU12: near are names with a few wrong letters, and parts of names", () => {
    const names = lessons.map(nameOf)
    assert.deepStrictEqual(nearest("gahter", names), ["gather"])
    assert.deepStrictEqual(nearest("group", names), ["task-group"])
    assert.deepStrictEqual(nearest("xyzzy", names), [])
    assert.include(unknown("timeuot"), "did you mean timeout?")
  })

  it.each(lessons)("TOU14: what show prints of $file fits 80 columns", (lesson) => {
    for (const line of show(lesson, 80)) assert.isAtMost(line.length, 80, line)
  })
})

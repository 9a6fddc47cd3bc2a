import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { nameOf } from "../src/Lesson.ts"
import { lessons } from "../src/Lessons.ts"
import { tour } from "./support/program.ts"

describe("tour list", () => {
  it.live("TOU10: one line for each lesson, and a heading for each chapter", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* tour("list")
      assert.strictEqual(code, 0)
      const listed = stdout
        .split("\n")
        .flatMap((line) => /^ {2}(\d\d) {2}(\S+) +\S/.exec(line) ?? [])
      assert.strictEqual(listed.length, lessons.length * 3)
    })
  )
})

describe("tour run", () => {
  it.live("TOU2: one lesson, by its name", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* tour("run", "semaphore")
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.include(stdout, "most at once: 2\n")
    })
  )

  it.live("TOU12: an unknown name suggests the nearest ones", () =>
    Effect.gen(function* () {
      for (const command of ["run", "show", "trace"]) {
        const { code, stderr } = yield* tour(command, "semafore")
        assert.strictEqual(code, 2)
        assert.strictEqual(stderr, 'tour: there is no lesson "semafore": did you mean semaphore?\n')
      }
      const far = yield* tour("run", "quicksort")
      assert.strictEqual(far.code, 2)
      assert.include(far.stderr, "`tour list` shows them all")
    })
  )

  it.live("TOU12: neither a lesson nor --all, or both, is wrong usage", () =>
    Effect.gen(function* () {
      for (const args of [["run"], ["run", "wait", "--all"]]) {
        const { code, stderr } = yield* tour(...args)
        assert.deepStrictEqual([code, stderr], [2, "tour: name one lesson, or give --all\n"])
      }
    })
  )
})

describe("tour show", () => {
  it.live("TOU14: stacked, nothing is wider than 80 columns", () =>
    Effect.gen(function* () {
      for (const lesson of lessons.slice(0, 3)) {
        const { stdout } = yield* tour("show", nameOf(lesson))
        for (const line of stdout.split("\n")) assert.isAtMost(line.length, 80, line)
      }
    })
  )
})

describe("tour trace", () => {
  it.live.each(["semaphore", "wait", "cancellation"])(
    "TOU20, TOU21: what %s does is drawn",
    (name) =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* tour("trace", name)
        assert.deepStrictEqual([code, stderr], [0, ""])
        yield* Effect.promise(() => expect(stdout).toMatchFileSnapshot(`./traces/${name}.txt`))
      })
  )
})

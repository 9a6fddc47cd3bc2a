import { assert, describe, it } from "@effect/vitest"
import { Task } from "@fibra/tasks"
import { Effect } from "effect"
import type { Lesson } from "../src/Lesson.ts"
import * as Trace from "../src/Trace.ts"

const traceOf = (main: Effect.Effect<void, unknown>, all = false) => {
  const lesson: Lesson = {
    file: "01-test",
    title: "a test",
    uses: "nothing",
    differences: [],
    twin: "none",
    outside: "none",
    load: () => Promise.resolve({ main })
  }
  return Trace.trace(lesson, { width: 80, all })
}

describe("trace", () => {
  it.live("TOU20: a failure and an interrupt are drawn where they happen", () =>
    Effect.gen(function* () {
      const failing = Effect.delay(Effect.fail("no"), "20 millis").pipe(Task.named("failing"))
      const other = Effect.sleep("1 hour").pipe(Task.named("other"))
      const { lines, problem } = yield* traceOf(Effect.asVoid(Task.gather([failing, other])))
      assert.include(problem, "no")
      assert.deepStrictEqual(lines.slice(2, 6), [
        "         0 ms                20 ms",
        "main     >...................!",
        "failing  >~~~~~~~~~~~~~~~~~~~!",
        "other    >~~~~~~~~~~~~~~~~~~~x"
      ])
      assert.deepStrictEqual(lines.slice(-3), [
        "20 ms  failing  resumes, fails",
        "20 ms  other    is interrupted by main, ends interrupted",
        "20 ms  main     resumes, fails"
      ])
    })
  )

  it.live("TOU23: tasks without a name are counted, and drawn on demand", () =>
    Effect.gen(function* () {
      const helpers = Effect.asVoid(Task.gather([Effect.sleep(1), Effect.sleep(2)]))
      const few = yield* traceOf(helpers)
      assert.include(few.lines.join("\n"), "2 tasks are not drawn")
      assert.notInclude(few.lines.join("\n"), "helper 1")
      const all = yield* traceOf(helpers, true)
      assert.include(all.lines.join("\n"), "helper 2  >")
      const many = Effect.asVoid(Task.gather(Array.from({ length: 100 }, () => Effect.sleep(1))))
      assert.include((yield* traceOf(many, true)).lines.join("\n"), "61 tasks are not drawn")
    })
  )
})

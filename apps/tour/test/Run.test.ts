import { assert, describe, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import { strictEqual } from "node:assert/strict"
import type { Lesson } from "../src/Lesson.ts"
import { runAll } from "../src/RunCommand.ts"
import * as Run from "../src/Run.ts"

const lesson = (file: string, main: Effect.Effect<void, unknown>): Lesson => ({
  file,
  title: "a lesson",
  uses: "nothing",
  differences: [],
  twin: "none",
  outside: "none",
  load: () => Promise.resolve({ main })
})

describe("run", () => {
  it.live(
    "TOU3: a claim that does not hold, a failure and a hang are told, and the others still run",
    () =>
      Effect.gen(function* () {
        let ran = 0
        const wrong = lesson(
          "01-wrong",
          Effect.sync(() => strictEqual(1, 2))
        )
        const failing = lesson("02-failing", Effect.fail("no such table"))
        const hanging = lesson("03-hanging", Effect.never)
        const fine = lesson(
          "04-fine",
          Effect.sync(() => void ran++)
        )
        const printed: Array<string> = []
        const stopped = yield* runAll([wrong, failing, hanging, fine], {
          timeLimit: "50 millis"
        }).pipe(Effect.flip, Effect.provideService(Console.Console, Run.printingTo(printed)))
        assert.include(printed, "FAILED wrong: Expected values to be strictly equal: 1 !== 2")
        assert.include(printed, "FAILED failing: no such table")
        assert.strictEqual(stopped.exitCode, 1)
        assert.strictEqual(stopped.reason, "3 of 4 lessons failed: wrong, failing, hanging")
        assert.strictEqual(ran, 1)
        const { exit } = yield* Run.run(hanging, "10 millis")
        assert.strictEqual(Run.problemOf(exit), "did not end within 10ms")
      })
  )
})

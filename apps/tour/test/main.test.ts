import { assert, describe, expect, it } from "@effect/vitest"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { nameOf } from "../src/Lesson.ts"
import { find, lessons } from "../src/Lessons.ts"
import * as Sources from "../src/Sources.ts"
import * as Trace from "../src/Trace.ts"
import { temporaryDirectory, tour, tourWith } from "./support/program.ts"

const onlyLoopback = new URL("./support/onlyLoopback.mjs", import.meta.url).href

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

describe("tour run --all", () => {
  it.live("TOU2, TOU4, TOU5: every lesson holds, leaves no file, and reaches 127.0.0.1 only", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryDirectory
      const env = {
        TMPDIR: folder,
        NODE_OPTIONS: `--import=${onlyLoopback}`,
        NODE_DISABLE_COMPILE_CACHE: "1"
      }
      const { code, stderr, stdout } = yield* tourWith(env, "run", "--all")
      assert.deepStrictEqual([code, stderr], [0, ""])
      for (const lesson of lessons) assert.include(stdout, ` ${nameOf(lesson)}: ${lesson.title}\n`)
      assert.include(stdout, `${lessons.length} lessons, and all that they claim holds`)
      assert.deepStrictEqual(readdirSync(folder), [])
    }).pipe(Effect.scoped)
  )

  it.live("TOU3: a lesson that cannot write its files says so, and the exit code is 1", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryDirectory, "file")
      writeFileSync(file, "")
      const { code, stderr } = yield* tourWith({ TMPDIR: file }, "run", "files")
      assert.strictEqual(code, 1)
      assert.match(stderr, /^FAILED files: .+\ntour: 1 of 1 lessons failed: files\n$/)
    }).pipe(Effect.scoped)
  )
})

describe("tour show", () => {
  it.live("TOU13, TOU14: both files one below the other, within 80 columns", () =>
    Effect.gen(function* () {
      const { code, stdout } = yield* tour("show", "gather")
      assert.strictEqual(code, 0)
      const gather = find("gather")!
      assert.include(stdout, `\n${Sources.python(gather)!}\n`)
      assert.include(stdout, `\n${Sources.typescript(gather)}\n`)
      for (const { length } of stdout.split("\n")) assert.isAtMost(length, 80)
    })
  )

  it.live("TOU13: both files beside each other, where there is room", () =>
    Effect.gen(function* () {
      const { stdout } = yield* tour("show", "gather", "--width", "170")
      assert.match(stdout, /^import asyncio +\|  import assert from "node:assert\/strict"$/m)
      for (const { length } of stdout.split("\n")) assert.isAtMost(length, 170)
      for (const text of [...find("gather")!.differences, find("gather")!.uses]) {
        assert.include(stdout.replace(/\n +/g, " ").replaceAll("\n", " "), text)
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

  it.live("TOU22: a lesson that the outside takes part in is not drawn", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* tour("trace", "chat")
      assert.deepStrictEqual([code, stdout], [2, ""])
      assert.match(stderr, /^tour: chat waits for .+ these can be drawn: event-loop, .+\n$/)
    })
  )

  it.live("TOU21: every lesson that can be drawn is, and the same each time", () =>
    Effect.gen(function* () {
      for (const lesson of lessons.filter(({ outside }) => outside !== "real")) {
        const options = { width: 80, all: true }
        const first = yield* Trace.trace(lesson, options)
        assert.strictEqual(first.problem, undefined, lesson.file)
        assert.deepStrictEqual(yield* Trace.trace(lesson, options), first)
      }
    })
  )
})

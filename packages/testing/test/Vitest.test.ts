import { assert, describe, it as base } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Cause, ConfigProvider, Effect, Exit, Ref } from "effect"
import * as V from "vitest"
import { it as simIt, withSim } from "../src/Vitest.ts"
import * as Environment from "../src/internal/vitest/environment.ts"
import * as EveryCancel from "../src/internal/vitest/everyCancel.ts"
import * as SimTest from "../src/internal/vitest/simTest.ts"

const it = withSim(base)

const fixtures = {
  config: new URL("fixtures/vitest.config.ts", import.meta.url),
  failing: new URL("fixtures/failing.fixture.ts", import.meta.url),
  guide: new URL("fixtures/guide.fixture.ts", import.meta.url),
  only: new URL("fixtures/only.fixture.ts", import.meta.url)
}

/** Runs the fixtures in a vitest of their own; the message of each failed test, by its full name. */
const runFixtures = Effect.fnUntraced(function* (
  args: ReadonlyArray<string>,
  env: Record<string, string>
) {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "fibra-vitest-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const file = join(folder, "report.json")
  const config = fileURLToPath(fixtures.config)
  const vitest = join(
    dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
    "vitest.mjs"
  )
  yield* Effect.callback<void>((resume) => {
    const child = execFile(
      process.execPath,
      [vitest, "run", "--reporter=json", `--outputFile=${file}`, `--config=${config}`, ...args],
      {
        cwd: dirname(config),
        env: { PATH: process.env["PATH"], npm_lifecycle_event: "test", ...env }
      },
      () => resume(Effect.void)
    )
    return Effect.sync(() => child.kill())
  })
  const { testResults }: JsonReport = JSON.parse(readFileSync(file, "utf8"))
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  const ran = results.filter(({ status }) => status === "passed" || status === "failed")
  const failed = results.filter(({ status }) => status === "failed")
  return {
    ran: ran.length,
    failed: new Map(
      failed.map(({ failureMessages, fullName }) => [fullName, failureMessages.join()])
    )
  }
})

interface JsonReport {
  readonly testResults: ReadonlyArray<{
    readonly assertionResults: ReadonlyArray<{
      readonly fullName: string
      readonly status: string
      readonly failureMessages: ReadonlyArray<string>
    }>
  }>
}

const environment = (env: Record<string, string>) =>
  Effect.provideService(
    Environment.read,
    ConfigProvider.ConfigProvider,
    ConfigProvider.fromEnv({ env })
  )

describe("Vitest", () => {
  let runs = 0
  it.sim("IT1: a function is called for each run", () => {
    runs++
    return Effect.void
  })
  it.skipIf(process.env["FIBRA_SEED"])("IT1: `it.sim` runs 100 seeds by default", () => {
    assert.strictEqual(runs, Number(process.env["FIBRA_SEEDS"] ?? 100))
  })
  it.effect(
    "IT1: FIBRA_SEEDS comes before the seeds of the test, and these before the default",
    () =>
      Effect.gen(function* () {
        const count = Effect.fnUntraced(function* (
          options: SimTest.Options,
          env: Record<string, string>
        ) {
          const runs = yield* Ref.make(0)
          const program = () => Ref.update(runs, (count) => count + 1)
          yield* SimTest.run(program, options, 100, yield* environment(env))
          return yield* Ref.get(runs)
        })
        assert.strictEqual(yield* count({ seeds: 3 }, {}), 3)
        assert.strictEqual(yield* count({ seeds: 3 }, { FIBRA_SEEDS: "7" }), 7)
        assert.strictEqual(yield* count({ seeds: 3 }, { FIBRA_SEEDS: "7", FIBRA_SEED: "5" }), 1)
      })
  )

  it.live("IT2, IT3, IT7, IT8: a failure says what it is, and the line that replays it", () =>
    Effect.gen(function* () {
      const all = [fixtures.failing, fixtures.guide, fixtures.only].map((url) => fileURLToPath(url))
      const { failed, ran } = yield* runFixtures(all, {})
      const message = (name: string) => failed.get(name) ?? assert.fail(`${name} did not fail`)
      const replayOf = (name: string) =>
        /^FIBRA_SEED=(\S+) npm run test -- failing.fixture.ts -t "(.*)"$/m.exec(message(name)) ??
        assert.fail(message(name))

      // All fail but two: what docs/guide/find-a-race.md mends, and what is not to be run.
      assert.strictEqual(failed.size, ran - 1)
      assert.isFalse(failed.has("a safe transfer loses no money"))
      assert.include(message("bank (a) loses an update"), "expected 1 to equal 2")
      assert.include(message("bank (a) deadlocks"), "main")
      assert.match(message("bank (a) leaves a fiber"), /left behind:\n {2}fiber 1.1, running\n/)
      assert.match(
        message("bank (a) leaves a timer"),
        /left behind:\n(.*\n)* {2}a timer of fiber 1.1\n/
      )
      assert.include(message("bank (a) never stops"), "within 1000 steps")
      assert.match(
        message("bank (a) fails"),
        /no money\nseed 1, at virtual time 0, in the plain schedule\nFIBRA/
      )
      assert.include(message("bank (a) of a"), "Error: a\n")

      const money = message("everyCancel loses money")
      assert.include(money, "the observation after the program: expected 9 to strictly equal 10")
      assert.match(money, /^interrupted at suspension \d+ of \d+$/m)
      assert.match(message("everyCancel keeps a lock"), /interrupted at suspension/)
      assert.match(message("everyCancel leaves a fiber when interrupted"), /left behind/)
      assert.include(message("everyCancel fails when interrupted"), "bad cleanup")
      assert.match(message("everyCancel fails"), /at once\n(.*\n)*not interrupted\nFIBRA/)

      const replay = Effect.fnUntraced(function* (name: string) {
        const [, token, pattern] = replayOf(name)
        const args = [fileURLToPath(fixtures.failing), "-t", `${pattern}|says its time limit`]
        const again = yield* runFixtures(args, { FIBRA_SEED: token!, FIBRA_SEEDS: "2" })
        assert.deepStrictEqual([...again.failed.keys()], [timed, name].toSorted())
        assert.strictEqual(again.ran, 2)
        assert.include(again.failed.get(name), `FIBRA_SEED=${token} `)
        assert.include(again.failed.get(timed), "the limit is 0\n")
      })
      assert.include(message("everyCancel interrupts itself"), "\nnot interrupted\n")
      assert.match(replayOf("everyCancel loses money")[1]!, /^1:@\d+$/)

      assert.include(message("bank (a) is too slow"), "timed out in 50ms")
      assert.include(message("bank (a) says whether that goes on"), "Error: 0 runs\n")
      assert.isTrue(failed.has("only this"))
      assert.isFalse(failed.has("not this"))

      const withdrawals = message("only one of two withdrawals is paid")
      assert.include(withdrawals, "expected [ true, true ] to deeply equal [ false, true ]\n")
      assert.match(
        withdrawals,
        /, after 1 switch\n {2}fiber 1.1 is paused before its operation \d\n/
      )
      const transfer = message("a transfer loses no money")
      assert.include(
        transfer,
        "the observation after the program: expected 70 to strictly equal 100\n"
      )
      assert.match(transfer, /in the plain schedule\ninterrupted at suspension \d of \d\n/)

      const timed = "a says its time limit"
      assert.include(message(timed), "the limit is 5000\n")
      yield* Effect.forEach(["bank (a) loses an update", "everyCancel loses money"], replay, {
        concurrency: 2
      })
    })
  )

  it("IT10: the code of the guide is what these tests run", () => {
    const read = (url: URL) => readFileSync(url, "utf8")
    const guide = read(new URL("../../../docs/guide/find-a-race.md", import.meta.url))
    const fixture = read(fixtures.guide)
    const pieces = [...guide.matchAll(/^```typescript\n([^]*?)^```$/gm)].map(([, code]) => code!)
    assert.lengthOf(pieces, 3)
    for (const piece of pieces) assert.include(fixture, piece.trim())
    assert.strictEqual(pieces.join("\n").trim(), fixture.replace(/^\/\/.*\n/, "").trim())
  })

  it.effect.each([
    ["FIBRA_SEEDS", "many", 'FIBRA_SEEDS is "many", but must be a positive integer'],
    ["FIBRA_SEEDS", "0", 'FIBRA_SEEDS is "0", but must be a positive integer'],
    ["FIBRA_SEEDS", "1.5", 'FIBRA_SEEDS is "1.5", but must be a positive integer'],
    ["FIBRA_SEED", "x", 'FIBRA_SEED is "x", but must be what a failure printed'],
    ["FIBRA_SEED", "1@x", 'FIBRA_SEED is "1@x", but must be what a failure printed']
  ] as const)("IT4: %s=%s is an error that says what it must be", ([name, value, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(environment({ [name]: value }))
      assert.include(error.message, message)
    })
  )
  it.effect("IT4: an empty environment, a seed, and a token with a suspension are read", () =>
    Effect.gen(function* () {
      const none = yield* environment({})
      assert.deepStrictEqual(none, {
        seeds: undefined,
        replay: undefined,
        command: "npx vitest run"
      })
      const { replay } = yield* environment({ FIBRA_SEED: "17:p2.5,o1.2.3@4" })
      assert.deepStrictEqual(replay, { token: "17:p2.5,o1.2.3", interruptAt: 4 })
    })
  )

  const timeLimit = Effect.sync(() => V.TestRunner.getCurrentTest()?.timeout)
  it.sim(
    "IT8: `timeout` is the time limit of the whole test",
    Effect.map(timeLimit, (limit) => assert.strictEqual(limit, 12_000)),
    { timeout: "12 seconds", seeds: 1 }
  )
  it.sim.skipIf(process.env["FIBRA_SEEDS"] !== undefined)(
    "IT8: the default is that of vitest",
    Effect.map(timeLimit, (limit) => assert.strictEqual(limit, 30_000)),
    { seeds: 1 }
  )

  const ran: Array<unknown> = []
  const note = (value: unknown) => Effect.sync(() => void ran.push(value))
  it.sim.fails("IT5: `fails` turns a failure around", Effect.fail("no"))
  it.sim.skip("IT5: `skip` does not run", note("skip"))
  it.sim.skipIf(true)("IT5: `skipIf(true)` does not run", note("skipIf"))
  it.sim.runIf(false)("IT5: `runIf(false)` does not run", note("runIf"))
  it.sim.each([1, 2])("IT5: `each` runs with %s", note, { seeds: 1 })
  it.skipIf(process.env["FIBRA_SEEDS"])(
    "IT5: what was skipped did not run, what was given did",
    () => assert.deepStrictEqual(ran, [1, 2])
  )
  it("IT5: an `it` that gets `sim` is itself left as it is", () => {
    assert.isFalse("sim" in V.it)
    assert.strictEqual(withSim(base).effect, base.effect)
    assert.isFunction(simIt.sim.everyCancel.only)
  })

  it.effect(
    "IT6: everyCancel runs each seed once for each of its suspensions, and once without",
    () =>
      Effect.gen(function* () {
        const ends: Array<string> = []
        const program = Effect.yieldNow.pipe(
          Effect.andThen(Effect.yieldNow),
          Effect.onExit(({ _tag }) => Effect.sync(() => ends.push(_tag)))
        )
        const setup = () => Effect.succeed({ program })
        const options = { seeds: 1, preemption: 0, order: "scheduled" } as const
        yield* EveryCancel.run(setup, options, 10, yield* environment({}))
        // The plain schedule and one seed, which here is plain too. The program suspends before its
        // start and at each of the yields; before its start there is no end.
        const each = ["Success", "Failure", "Failure"]
        assert.deepStrictEqual(ends, [...each, ...each])
      })
  )
  it.effect("IT6: a replayed seed is interrupted everywhere, with a suspension only there", () =>
    Effect.gen(function* () {
      const count = Effect.fnUntraced(function* (seed: string) {
        let runs = 0
        const setup = () =>
          Effect.sync(() => {
            runs++
            return { program: Effect.yieldNow }
          })
        yield* EveryCancel.run(setup, {}, 10, yield* environment({ FIBRA_SEED: seed }))
        return runs
      })
      assert.isAtLeast(yield* count("1"), 2)
      assert.strictEqual(yield* count("1@1000"), 1)
    })
  )
  it.effect("IT6: of FIBRA_SEEDS a tenth is run, and the plain schedule", () =>
    Effect.gen(function* () {
      const runs = yield* Ref.make(0)
      const setup = () =>
        Effect.as(
          Ref.update(runs, (count) => count + 1),
          { program: Effect.void }
        )
      const options = { seeds: 3, preemption: 0, order: "scheduled" } as const
      // A program that never suspends is run once for each seed.
      yield* EveryCancel.run(setup, options, 10, yield* environment({ FIBRA_SEEDS: "45" }))
      assert.strictEqual(yield* Ref.get(runs), 5 + 1)
      yield* EveryCancel.run(setup, options, 10, yield* environment({}))
      assert.strictEqual(yield* Ref.get(runs), 5 + 1 + 3 + 1)
    })
  )
  it.effect("IT9: a program with more than 2,000 suspensions is a defect that says so", () =>
    Effect.gen(function* () {
      const program = Effect.repeat(Effect.yieldNow, { times: 2_001 })
      const setup = () => Effect.succeed({ program })
      const exit = yield* Effect.exit(EveryCancel.run(setup, {}, 1, yield* environment({})))
      assert.match(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", /suspends \d{4,} times/)
    })
  )
  it.sim.everyCancel("IT6: only the program is interrupted, not what is around it", () => {
    let steps = 0
    const step = Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => void steps++)
    )
    const around = Effect.andThen(step, step)
    return Effect.as(around, {
      program: Effect.never.pipe(Effect.timeoutOption("1 second")),
      observe: Effect.as(around, "same"),
      check: Effect.andThen(
        around,
        Effect.sync(() => assert.strictEqual(steps, 8))
      )
    })
  })
})

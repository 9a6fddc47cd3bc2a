import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Data, Effect, Exit, Fiber, Ref } from "effect"
import * as Simulation from "@fibra/testing/Simulation"
import { planted, type Planted } from "./support/simPlanted.ts"

const names = Object.keys(planted) as ReadonlyArray<Planted>

/** The first failure of a program. */
const firstFailure = <A, E>(
  program: Effect.Effect<A, E>,
  options?: Partial<Simulation.ExploreOptions<A, E>>
) => Effect.flip(Simulation.explore(program, { seeds: 999, ...options }))

const errorOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "none"

interface Run {
  readonly name: Planted
  readonly seed: number | string
}

interface Seen {
  readonly error: string
  readonly steps: number
  readonly traceHash: string
}

const inThisProcess = (runs: ReadonlyArray<Run>): Effect.Effect<ReadonlyArray<Seen>> =>
  Effect.forEach(runs, ({ name, seed }) =>
    Effect.map(Simulation.run(planted[name], { seed }), ({ exit, steps, traceHash }) => ({
      error: errorOf(exit),
      steps,
      traceHash
    }))
  )

const inFreshProcess = (runs: ReadonlyArray<Run>): ReadonlyArray<Seen> => {
  const script = fileURLToPath(new URL("fixtures/sim-fresh.ts", import.meta.url))
  const args = ["--conditions=@fibra/source", script, JSON.stringify(runs)]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }))
}

describe("Simulation.explore", () => {
  it.live("EXP1: the default scheduler does not show the planted bugs", () =>
    Effect.forEach(names, (name) => Effect.repeat(planted[name], { times: 49 }))
  )

  it.effect("EXP1: each planted bug is found in fewer than 1,000 seeds, and replayed", () =>
    Effect.gen(function* () {
      const runs: Array<Run> = []
      for (const name of names) {
        const failed = yield* firstFailure(planted[name])
        assert.isTrue(failed.isRepeatable)
        const { exit } = yield* Simulation.run(planted[name], { seed: failed.token })
        assert.strictEqual(errorOf(exit), String(Cause.squash(failed.cause)))
        runs.push({ name, seed: failed.token }, { name, seed: failed.seed })
      }
      assert.strictEqual(runs.length, 10)
      const seen = yield* inThisProcess(runs)
      assert.notInclude(
        seen.map(({ error }) => error),
        "none"
      )
      assert.deepStrictEqual(inFreshProcess(runs), seen)
    })
  )

  it.effect("EXP1: also far down a chain of forks", () =>
    Effect.gen(function* () {
      const below = (depth: number): Effect.Effect<void, string> =>
        depth === 0
          ? planted.lostUpdate
          : Effect.flatMap(Effect.forkChild(Effect.suspend(() => below(depth - 1))), Fiber.join)
      const failed = yield* firstFailure(below(100))
      assert.isTrue(failed.isRepeatable)
      assert.strictEqual(failed.switches.length, 1)
      assert.isBelow(failed.token.length, 200)
      const { exit } = yield* Simulation.run(below(100), { seed: failed.token })
      assert.strictEqual(errorOf(exit), "an update is lost")
    })
  )

  it.effect("SIM1: a fresh process comes to the same", () =>
    Effect.gen(function* () {
      const runs = names.flatMap((name) =>
        Array.from({ length: 20 }, (_, index) => ({ name, seed: index + 1 }))
      )
      assert.deepStrictEqual(inFreshProcess(runs), yield* inThisProcess(runs))
    })
  )

  it.effect("EXP2: a failure says why, when, after which switches, and what replays it", () =>
    Effect.gen(function* () {
      const { message, switches, token } = yield* firstFailure(planted.deadlock)
      assert.strictEqual(switches.length, 1)
      const [{ at, fiber, task }] = switches as [Simulation.Switch]
      const seed = token.split(":")[0]
      assert.deepStrictEqual(message.split("\n"), [
        'Deadlocked: left waits for Lock "B" held by right; right waits for Lock "A" held by left. ' +
          "Besides, main waits, having forked left, right",
        `seed ${seed}, at virtual time 0, after 1 switch`,
        `  ${task} is paused before its operation ${at}`,
        `replay: FIBRA_SEED=${seed}:p${fiber}.${at}, or ` +
          `Simulation.run(program, { seed: "${seed}:p${fiber}.${at}" })`
      ])
      assert.include((yield* firstFailure(planted.timerRace)).message, "at virtual time 5ms")
      assert.match(
        (yield* firstFailure(planted.timerRace)).message,
        /task \d+ that fiber 1.2 scheduled runs before 1 earlier one/
      )
      assert.include((yield* firstFailure(Effect.fail("always"))).message, "in the plain schedule")
    })
  )

  it.effect("EXP3: the switches that a failure does not need are taken away", () =>
    Effect.gen(function* () {
      for (const name of names) {
        const { seed, switches } = yield* firstFailure(planted[name])
        const { schedule } = yield* Simulation.run(planted[name], { seed })
        assert.strictEqual(switches.length, 1, name)
        assert.isAtLeast(schedule.length, 1)
      }
      // A bug that takes a pause in each of two places, among much that has nothing to do with it.
      const losing = Effect.gen(function* () {
        const total = yield* Ref.make(0)
        const add = Effect.flatMap(Ref.get(total), (value) => Ref.set(total, value + 1))
        yield* Effect.all([add, add], { concurrency: 2 })
        return (yield* Ref.get(total)) === 1
      })
      for (let length = 1; length <= 5; length++) {
        const noise = Effect.forEach(Array.from({ length }), () => Effect.sleep(1))
        const program = Effect.gen(function* () {
          const [first, , second] = yield* Effect.all([losing, noise, losing], { concurrency: 3 })
          if (first && second) return yield* Effect.fail("both are lost")
        })
        const { seed, switches } = yield* firstFailure(program)
        assert.strictEqual(switches.length, 2)
        assert.isAbove((yield* Simulation.run(program, { seed })).schedule.length, 5)
      }
    })
  )

  it.effect("EXP3: a schedule of 20,000 switches or more is replayed by its seed", () =>
    Effect.gen(function* () {
      const long = Effect.forEach(Array.from({ length: 12_000 }), () => Effect.void)
      const program = Effect.gen(function* () {
        yield* Effect.all([long, long], { concurrency: 2 })
        return yield* Effect.fail("always")
      })
      const failed = yield* firstFailure(program, { preemption: 1 })
      assert.strictEqual(failed.switches.length, 20_000)
      assert.strictEqual(failed.token, "1")
      assert.isTrue(failed.isRepeatable)
    })
  )

  it.effect("EXP4: shrinking keeps the kind of the failure, and ends after 300 replays", () =>
    Effect.gen(function* () {
      class Rare extends Data.TaggedError("Rare")<{}> {}
      class Common extends Data.TaggedError("Common")<{}> {}
      let runs = 0
      // Fails in every schedule, in this way only where the two take turns often.
      const program = Effect.gen(function* () {
        runs++
        const log: Array<string> = []
        const write = (letter: string) =>
          Effect.forEach(Array.from({ length: 200 }), () => Effect.sync(() => log.push(letter)))
        yield* Effect.all([write("a"), write("b")], { concurrency: 2 })
        const turns = log.filter((letter, index) => letter !== log[index - 1])
        return yield* Effect.fail(turns.length > 60 ? new Rare() : new Common())
      })
      const rare = (result: Simulation.Result<never, Rare | Common>) =>
        errorOf(result.exit) === "Rare" ? Cause.fail(new Rare()) : undefined
      const { seed } = yield* firstFailure(program, { failure: rare })
      runs = 0
      const failed = yield* firstFailure(program, {
        // From then on, every failure counts.
        failure: ({ exit }) => (runs >= seed && Exit.isFailure(exit) ? exit.cause : undefined)
      })
      assert.instanceOf(Cause.squash(failed.cause), Rare)
      const replayed = yield* Simulation.run(program, { seed: failed.token })
      assert.strictEqual(errorOf(replayed.exit), "Rare")
      // Those up to the failure, one to see whether it repeats, and one just now.
      assert.strictEqual(runs - seed, 302)
    })
  )

  it.effect("EXP5: a failure that does not come again is told, and its token is the seed", () =>
    Effect.gen(function* () {
      let runs = 0
      const program = Effect.suspend(() => (++runs === 3 ? Effect.fail("once") : Effect.void))
      const failed = yield* firstFailure(program)
      assert.isFalse(failed.isRepeatable)
      assert.strictEqual(failed.token, "3")
      assert.include(failed.message, "something outside of the simulation decides")
      assert.include(failed.message, "replay: FIBRA_SEED=3,")
      const changing = Effect.suspend(() => {
        const yields = Effect.forEach(Array.from({ length: ++runs }), () => Effect.yieldNow)
        return Effect.andThen(yields, Effect.fail("always"))
      })
      assert.isFalse((yield* firstFailure(changing)).isRepeatable)
    })
  )

  it.effect("EXP6: without a failure, all seeds are run and their schedules counted", () =>
    Effect.gen(function* () {
      let runs = 0
      const program = Effect.sync(() => runs++)
      assert.deepStrictEqual(yield* Simulation.explore(program, { seeds: 30 }), {
        runs: 30,
        schedules: 1
      })
      assert.strictEqual(runs, 30)
      const seeds = { seeds: 20, preemption: 0, order: "scheduled" } as const
      yield* Simulation.explore(planted.deadlock, seeds)
    })
  )

  it.effect("EXP7: what a failure is can be decided by the result", () =>
    Effect.gen(function* () {
      const leaky = Effect.asVoid(Effect.forkDetach(Effect.sleep("1 hour")))
      const failed = yield* firstFailure(leaky, {
        failure: ({ leftovers }) =>
          leftovers.timers.length > 0 ? Cause.fail("a timer is left") : undefined
      })
      assert.include(failed.message, "a timer is left")
      const expected = { seeds: 20, failure: () => undefined }
      assert.strictEqual((yield* Simulation.explore(Effect.fail("no"), expected)).runs, 20)
    })
  )
})

import { assert, describe } from "vitest"
import { Clock, Duration, Effect, References } from "effect"
import { Deadline } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { type Dice, dice } from "../support/dice.ts"
import { turns } from "../support/turns.ts"

// Bodies do things at even milliseconds, and deadlines end at odd ones: so it is known what is first.
const even = ({ below }: Dice) => 2 * (1 + below(6))
const odd = (random: Dice) => even(random) - 1

/** Sleeps, and with it what else takes turns, but no time. */
const sleep = ({ below }: Dice, millis: number) =>
  Effect.andThen(Effect.sleep(millis), turns(below(3)))

const outcome = <A>(self: Effect.Effect<A, Deadline.DeadlineExceeded>) =>
  Effect.match(self, {
    onSuccess: () => "done",
    onFailure: ({ elapsed, label }) => `${label} after ${Duration.toMillis(elapsed)}`
  })

describe("Deadline", () => {
  it.sim("DDL1, DDL2, DDL6, DDL11: a deadline that is moved fires at its end, or never", () =>
    Effect.gen(function* () {
      const random = yield* dice
      const first = odd(random)
      let now = 0
      let firesAt: number | undefined
      let end: number | undefined = first
      const steps = Array.from({ length: random.below(5) }, () => {
        const pause = even(random)
        if (end !== undefined && end < now + pause) firesAt ??= end
        now += pause
        const kind = random.pick(["extend", "clear", "look"] as const)
        const by = end === undefined ? odd(random) : even(random)
        if (kind === "extend") end = (end ?? now) + by
        if (kind === "clear") end = undefined
        const left = end === undefined ? Infinity : end - now
        return { pause, kind, by, left }
      })
      const body = (deadline: Deadline.Deadline) =>
        Effect.forEach(steps, ({ by, kind, left, pause }) =>
          Effect.gen(function* () {
            yield* sleep(random, pause)
            if (kind === "extend") yield* deadline.extend(by)
            if (kind === "clear") yield* deadline.clear
            const seen = [yield* deadline.remaining, yield* Deadline.remaining]
            assert.deepStrictEqual(seen.map(Duration.toMillis), [left, left])
          })
        )
      const run = Deadline.within(first, "save")(body)
      const result = yield* outcome(Effect.catchTag(run, "DeadlineFinished", Effect.die))
      assert.strictEqual(result, firesAt === undefined ? "done" : `save after ${firesAt}`)
      // The caller goes on at that moment, and not at that of a timer that is not needed any more.
      assert.strictEqual(yield* Clock.currentTimeMillis, firesAt ?? now)
    })
  )

  it.sim("DDL3, DDL4: of two deadlines the earlier fires, and of equal ones the outer", () =>
    Effect.gen(function* () {
      const random = yield* dice
      const [outer, inner, work] = [odd(random), odd(random), even(random)]
      const [turn, rest] = inner < work ? [inner, odd(random)] : [work, even(random)]
      const caught = outcome(Deadline.within(inner, "inner")(sleep(random, work)))
      const both = Effect.andThen(caught, sleep(random, rest))
      const result = yield* outcome(Deadline.within(outer, "outer")(both))
      assert.strictEqual(result, outer < turn + rest ? `outer after ${outer}` : "done")
    })
  )

  it.sim.everyCancel(
    "DDL2, DDL12: interrupted at any moment, it leaves no fiber and no timer",
    () =>
      Effect.gen(function* () {
        const random = yield* dice
        const seen = { started: 0, ended: 0 }
        const task = Effect.acquireUseRelease(
          Effect.sync(() => seen.started++),
          () => sleep(random, random.below(4)),
          () =>
            Effect.andThen(
              turns(random.below(2)),
              Effect.sync(() => seen.ended++)
            )
        )
        const nested = Deadline.within(
          random.below(4),
          "inner"
        )((deadline) =>
          Effect.andThen(task, Effect.andThen(Effect.ignore(deadline.extend(1)), task))
        )
        const program = outcome(Deadline.within(random.below(6), "outer")(nested)).pipe(
          Effect.provideService(References.UnhandledLogLevel, undefined)
        )
        return { program, observe: Effect.sync(() => seen.started - seen.ended) }
      })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Latch } from "effect"
import { TestClock } from "effect/testing"
import { Deadline } from "@fibra/tasks"
import { causeOf, interrupted, leftovers, makeLog, started } from "./support/tasks.ts"

const exceeded = (label: string, elapsed: Duration.Input) =>
  Exit.fail(new Deadline.DeadlineExceeded({ label, elapsed: Duration.fromInputUnsafe(elapsed) }))

/** Starts an effect, lets the clock run, and gives the exit. */
const after = <A, E, R>(time: Duration.Input, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* started(effect)
    yield* TestClock.adjust(time)
    return yield* Fiber.await(fiber)
  })

describe("Deadline", () => {
  it.effect("DDL1: the body sees an interrupt, the caller DeadlineExceeded with its data", () =>
    Effect.gen(function* () {
      const { log, parked } = yield* makeLog
      const exit = yield* after("5 seconds", Deadline.within("5 seconds", "load")(parked("body")))
      assert.deepStrictEqual(exit, exceeded("load", "5 seconds"))
      assert.deepStrictEqual(log, ["body", "body cleaned"])
      assert.strictEqual(
        Exit.isFailure(exit) && (exit.cause.reasons[0] as { error: Error }).error.message,
        "load did not finish in time: interrupted after 5s"
      )
    })
  )

  it.effect(
    "DDL1: the caller waits for the cleanup of the body, which elapsed does not count",
    () =>
      Effect.gen(function* () {
        const body = Effect.ensuring(Effect.never, Effect.sleep("3 seconds"))
        const fiber = yield* started(Deadline.within("1 second", "slow")(body))
        yield* TestClock.adjust("3 seconds")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(fiber.pollUnsafe(), exceeded("slow", "1 second"))
      })
  )

  it.effect(
    "DDL2: a body that ends in time keeps its result, and leaves no fiber and no timer",
    () =>
      Effect.gen(function* () {
        const body = Effect.as(Effect.sleep("1 second"), "done")
        const { left, value } = yield* leftovers(
          after("1 second", Deadline.within("2 seconds", "load")(body))
        )
        assert.deepStrictEqual(value, Exit.succeed("done"))
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
        const cut = yield* leftovers(
          after("3 seconds", Deadline.within("2 seconds", "load")(Effect.sleep("1 hour")))
        )
        assert.deepStrictEqual(cut.left, { fibers: 0, timers: 0 })
      })
  )

  it.effect("DDL3: of nested deadlines the error names the one that fired", () =>
    Effect.gen(function* () {
      const nested = (outer: Duration.Input, inner: Duration.Input) =>
        after(
          "1 minute",
          Effect.never.pipe(Deadline.within(inner, "inner"), Deadline.within(outer, "outer"))
        )
      assert.deepStrictEqual(yield* nested("2 seconds", "1 second"), exceeded("inner", "1 second"))
      assert.deepStrictEqual(yield* nested("1 second", "2 seconds"), exceeded("outer", "1 second"))
    })
  )

  it.effect("DDL3: of deadlines that end together only the outermost fires", () =>
    Effect.gen(function* () {
      const nested = (duration: Duration.Input) =>
        Effect.never.pipe(
          Deadline.within(duration, "inner"),
          Deadline.within(duration, "outer"),
          Deadline.within(duration, "outermost")
        )
      assert.deepStrictEqual(
        yield* after("1 second", nested("1 second")),
        exceeded("outermost", "1 second")
      )
      assert.deepStrictEqual(yield* Effect.exit(nested(0)), exceeded("outermost", 0))
    })
  )

  it.effect(
    "DDL3: where the interrupt of the outer one does not reach, the inner one fires too",
    () =>
      Effect.gen(function* () {
        const within = Deadline.within("1 second", "inner")
        const body = Effect.uninterruptible(within(Effect.never))
        assert.deepStrictEqual(
          yield* causeOf(
            after("1 second", Deadline.within("1 second", "outer")(body)).pipe(Effect.flatten)
          ),
          ["Fail:DeadlineExceeded", "Fail:DeadlineExceeded"]
        )
      })
  )

  it.live("DDL4: a deadline that ended first fires first, also when both are noticed late", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const busy = Effect.clockWith((clock) => {
        const end = clock.monotonicTimeNanosUnsafe() + 30_000_000n
        while (clock.monotonicTimeNanosUnsafe() < end);
        return Effect.never
      })
      const sayLabel = Effect.catch(({ label }: Deadline.DeadlineExceeded) => say(label))
      const inner = busy.pipe(Deadline.within("5 millis", "inner"), sayLabel)
      const body = Effect.andThen(inner, Effect.never)
      yield* body.pipe(Deadline.within("20 millis", "outer"), sayLabel)
      assert.deepStrictEqual(log, ["inner", "outer"])
    })
  )

  it.effect("DDL4: a caught inner deadline leaves the outer one running", () =>
    Effect.gen(function* () {
      const inner = Effect.ignore(Deadline.within("1 second", "inner")(Effect.never))
      const body = Effect.andThen(inner, Effect.never)
      const exit = yield* after("1 minute", Deadline.within("3 seconds", "outer")(body))
      assert.deepStrictEqual(exit, exceeded("outer", "3 seconds"))
    })
  )

  it.effect.each(["0 seconds", Duration.seconds(-1), Duration.negativeInfinity] as const)(
    "DDL5: with %s left the body runs to its first suspension",
    (duration) =>
      Effect.gen(function* () {
        const { log, say } = yield* makeLog
        const late = Deadline.within(duration, "late")
        assert.strictEqual(yield* late(Effect.as(say("ran"), "in time")), "in time")
        const suspends = Effect.andThen(say("ran"), Effect.andThen(Effect.yieldNow, say("went on")))
        assert.deepStrictEqual(yield* Effect.exit(late(suspends)), exceeded("late", 0))
        assert.deepStrictEqual(log, ["ran", "ran"])
      })
  )

  it.effect("DDL6: extend moves the end, also repeatedly and before the first suspension", () =>
    Effect.gen(function* () {
      const body = (deadline: Deadline.Deadline) =>
        Effect.gen(function* () {
          yield* deadline.extend("1 second")
          yield* Effect.sleep("1500 millis")
          yield* deadline.extend("1 second")
          yield* deadline.extend(0)
          assert.strictEqual(Duration.toMillis(yield* deadline.remaining), 1500)
          return yield* Effect.never
        })
      const fiber = yield* started(Deadline.within("1 second", "upload")(body))
      yield* TestClock.adjust("2999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(fiber.pollUnsafe(), exceeded("upload", "3 seconds"))
    })
  )

  it.effect("DDL6: however often a deadline is moved, it has one timer", () =>
    Effect.gen(function* () {
      const latch = yield* Latch.make()
      const moved = Deadline.within(
        "1 second",
        "a"
      )((deadline) =>
        Effect.andThen(
          Effect.yieldNow,
          Effect.andThen(
            Effect.andThen(deadline.extend("1 second"), deadline.extend("1 second")),
            latch.await
          )
        )
      )
      const { left, value: fiber } = yield* leftovers(
        Effect.flatMap(Effect.forkDetach(moved, { startImmediately: true }), (fiber) =>
          Effect.as(Effect.andThen(Effect.yieldNow, Effect.yieldNow), fiber)
        )
      )
      assert.strictEqual(left.timers, 1)
      yield* latch.open
      yield* Fiber.join(fiber)
      assert.strictEqual(left.timers, 0)
    })
  )

  it.effect("DDL6: clear takes the end away, and extend then sets one from now", () =>
    Effect.gen(function* () {
      const body = (deadline: Deadline.Deadline) =>
        Effect.gen(function* () {
          yield* Effect.yieldNow
          yield* deadline.clear
          assert.deepStrictEqual(yield* deadline.remaining, Duration.infinity)
          yield* Effect.sleep("1 hour")
          yield* deadline.extend("1 second")
          return yield* Effect.never
        })
      const { left, value } = yield* leftovers(
        after("1 day", Deadline.within("1 second", "upload")(body))
      )
      assert.deepStrictEqual(value, exceeded("upload", Duration.seconds(3601)))
      assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
    })
  )

  it.effect("DDL6: a deadline that was cleared, or is infinite, has no timer", () =>
    Effect.gen(function* () {
      const latch = yield* Latch.make()
      const cleared = Deadline.within(
        "1 second",
        "a"
      )((deadline) => Effect.andThen(deadline.clear, latch.await))
      const infinite = Deadline.within("Infinity", "b")(latch.await)
      const { left, value: fiber } = yield* leftovers(
        Effect.forkDetach(Effect.andThen(cleared, infinite), { startImmediately: true })
      )
      assert.strictEqual(left.timers, 0)
      yield* latch.open
      yield* Fiber.join(fiber)
    })
  )

  it.effect("DDL7: moving a deadline that fired, or whose body ended, fails typed", () =>
    Effect.gen(function* () {
      let kept: Deadline.Deadline | undefined
      const keep = (body: Effect.Effect<void>) => (deadline: Deadline.Deadline) => {
        kept = deadline
        return body
      }
      const finished = Exit.fail(new Deadline.DeadlineFinished({ label: "save" }))
      const within = Deadline.within("1 second", "save")
      for (const body of [Effect.void, Effect.never]) {
        yield* after("1 second", within(keep(body)))
        assert.deepStrictEqual(yield* Effect.exit(kept!.extend("1 second")), finished)
        assert.deepStrictEqual(yield* Effect.exit(kept!.clear), finished)
        assert.deepStrictEqual(yield* kept!.remaining, Duration.zero)
      }
    })
  )

  it.effect("DDL7: in the cleanup of its body a deadline is over as well", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const body = (deadline: Deadline.Deadline) =>
        Effect.ensuring(
          Effect.never,
          deadline
            .extend("1 second")
            .pipe(Effect.catch((error) => say(`${error._tag} ${error.label}`)))
        )
      yield* after("1 second", Deadline.within("1 second", "save")(body))
      assert.deepStrictEqual(log, ["DeadlineFinished save"])
    })
  )

  it.effect("DDL8: a failure, a defect or an interrupt from elsewhere is never relabelled", () =>
    Effect.gen(function* () {
      const within = Deadline.within("1 second", "load")
      const foreign = [Effect.fail("mine"), Effect.die("bug"), Effect.interrupt]
      for (const body of foreign) {
        const late = Effect.andThen(Effect.yieldNow, body)
        assert.deepStrictEqual(yield* causeOf(within(late)), yield* causeOf(late))
      }
      const other = new Deadline.DeadlineExceeded({ label: "other", elapsed: Duration.zero })
      assert.deepStrictEqual(yield* Effect.exit(within(other)), Exit.fail(other))
    })
  )

  it.effect("DDL1: an uninterruptible part of the body ends before the deadline is reported", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const save = Effect.uninterruptible(Effect.andThen(Effect.sleep("2 seconds"), say("saved")))
      const body = Effect.andThen(save, say("went on"))
      const exit = yield* after("2 seconds", Deadline.within("1 second", "save")(body))
      assert.deepStrictEqual(exit, exceeded("save", "1 second"))
      assert.deepStrictEqual(log, ["saved"])
    })
  )

  it.effect("DDL9: a deadline works in cleanup, where nothing else can interrupt", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const flush = Effect.never.pipe(
        Deadline.within("1 second", "flush"),
        Effect.catch(({ label }) => say(`${label} given up`))
      )
      const fiber = yield* started(Effect.ensuring(Effect.never, flush))
      fiber.interruptUnsafe()
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.deepStrictEqual(log, ["flush given up"])
    })
  )

  it.effect("DDL9: also with no time left, in the cleanup of a deadline's body", () =>
    Effect.gen(function* () {
      const { log, say } = yield* makeLog
      const flush = Effect.andThen(Effect.yieldNow, say("flushed")).pipe(
        Deadline.within(0, "flush"),
        Effect.catch(({ label }) => say(`${label} given up`))
      )
      const body = Effect.ensuring(Effect.never, flush)
      yield* after("1 second", Deadline.within("1 second", "load")(body))
      assert.deepStrictEqual(log, ["flush given up"])
    })
  )

  it.effect("DDL10: a failing cleanup is reported with the deadline, typed beside defects", () =>
    Effect.gen(function* () {
      const { parked } = yield* makeLog
      const body = parked("body", Effect.fail("no disk")).pipe(
        Effect.onExit(() => Effect.die("bug"))
      )
      const within = Deadline.within(0, "save")
      assert.deepStrictEqual(yield* causeOf(within(parked("body", Effect.fail("no disk")))), [
        "Fail:no disk",
        "Fail:DeadlineExceeded"
      ])
      assert.match((yield* causeOf(within(body))).join(), /^Die:.*Die:.*,Fail:DeadlineExceeded$/)
    })
  )

  it.effect("DDL11: callees read the least time left of the deadlines around them", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Deadline.remaining, Duration.infinity)
      const callee = Effect.andThen(Effect.sleep("1 second"), Deadline.remaining)
      const left = callee.pipe(
        Deadline.within("1 hour", "inner"),
        Deadline.within("1 minute", "outer")
      )
      const millis = Effect.map(left, Duration.toMillis)
      assert.deepStrictEqual(yield* after("1 second", millis), Exit.succeed(59_000))
      const forked = Effect.flatMap(Effect.forkChild(Deadline.remaining), Fiber.join)
      const inTask = Deadline.within("1 minute", "outer")(forked)
      assert.strictEqual(Duration.toMillis(yield* inTask), 60_000)
    })
  )

  it.effect("DDL11: a deadline that has fired or ended no longer counts", () =>
    Effect.gen(function* () {
      const seen: Array<Duration.Duration> = []
      const see = Effect.map(Deadline.remaining, (left) => void seen.push(left))
      const body = Effect.ensuring(Effect.never, see)
      yield* after("1 second", Deadline.within("1 second", "load")(body))
      const latch = yield* Latch.make()
      const daemon = Effect.forkDetach(Effect.andThen(latch.await, see))
      const fiber = yield* Deadline.within("1 second", "short")(daemon)
      yield* latch.open
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(seen, [Duration.infinity, Duration.infinity])
    })
  )

  it.effect(
    "DDL12: interrupting the caller reaches the body, waits, and keeps cleanup errors",
    () =>
      Effect.gen(function* () {
        const { log, parked } = yield* makeLog
        const body = parked("body", Effect.fail("no disk"))
        const { left, value } = yield* leftovers(
          interrupted(Deadline.within("1 second", "load")(body))
        )
        assert.deepStrictEqual(value, ["Interrupt", "Fail:no disk"])
        assert.deepStrictEqual(log, ["body", "body cleaned"])
        assert.deepStrictEqual(left, { fibers: 0, timers: 0 })
      })
  )

  it.effect(
    "DDL12: a deadline that ends while an interrupt waits for cleanup changes nothing",
    () =>
      Effect.gen(function* () {
        const body = Effect.ensuring(Effect.never, Effect.sleep("1 minute"))
        const fiber = yield* started(Deadline.within("1 second", "load")(body))
        fiber.interruptUnsafe()
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* causeOf(Fiber.join(fiber)), ["Interrupt"])
      })
  )

  it.effect("DDL13: extending by a negative duration is a defect with the duration in it", () =>
    Effect.gen(function* () {
      const body = (deadline: Deadline.Deadline) => deadline.extend(Duration.seconds(-1))
      const exit = yield* Effect.exit(Deadline.within("1 second", "load")(body))
      const duration = Duration.seconds(-1)
      assert.deepStrictEqual(
        exit,
        Exit.die(new Deadline.NegativeDuration({ option: "extend", duration }))
      )
    })
  )
})

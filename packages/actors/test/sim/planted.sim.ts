/** Bugs that people make with actors, which the simulator has to find; and what it says of a good program. */
import { assert, describe, it } from "@effect/vitest"
import { Simulation } from "@fibra/testing"
import { Cause, Duration, Effect, Exit, Fiber, Random, Schedule, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, type ActorRef, Behavior, DeadLetters, Supervisor } from "@fibra/actors"
import { quiet } from "../support/system.ts"

const Account = RpcGroup.make(
  Rpc.make("Read", { success: Schema.Int }),
  Rpc.make("Write", { payload: { balance: Schema.Int } })
)
const account = Behavior.make(Account, () => Effect.succeed(0), {
  Read: (_, balance) => Effect.succeed([balance, balance] as const),
  Write: ({ balance }) => Effect.succeed([undefined, balance] as const)
})

/** Two tellers read the balance and write the next one, which should have been one message. */
const lostUpdate = Effect.gen(function* () {
  const ref = yield* Actor.spawn(account)
  const deposit = Effect.flatMap(ref.ask("Read"), (balance) =>
    ref.tell("Write", { balance: balance + 1 })
  )
  const first = yield* Effect.forkChild(deposit)
  yield* deposit
  yield* Fiber.join(first)
  if ((yield* ref.ask("Read")) !== 2) return yield* Effect.fail("an update is lost")
})

const Peer = RpcGroup.make(Rpc.make("Fill"), Rpc.make("Done"))
type PeerRef = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Peer>>

/** Two actors send each other more than fits into their mailboxes. */
const deadlock = Effect.gen(function* () {
  const refs: Array<PeerRef> = []
  const peer = (other: number) =>
    Behavior.make(Peer, () => Effect.void, {
      Fill: () =>
        Effect.as(
          Effect.forEach([1, 2], () => Effect.ignore(refs[other]!.tell("Done")), { discard: true }),
          [undefined, undefined] as const
        ),
      Done: () => Effect.succeed([undefined, undefined] as const)
    })
  for (const other of [1, 0]) refs.push(yield* Actor.spawn(peer(other), { capacity: 1 }))
  yield* Effect.forEach(refs, (ref) => ref.tell("Fill"))
  yield* Effect.forEach(refs, (ref) => ref.ask("Done", undefined, { timeout: Infinity }))
})

const Session = RpcGroup.make(
  Rpc.make("Answer"),
  Rpc.make("Late"),
  Rpc.make("State", { success: Schema.String })
)

/** An answer that comes when its time is up: the handler of `Late` forgets that it may be there. */
const missedTimer = Effect.gen(function* () {
  const session = yield* Actor.spawn(
    Behavior.make(
      Session,
      ({ timer }) => Effect.as(timer("late", { after: "5 millis" }, "Late"), "waiting"),
      {
        Answer: () => Effect.succeed([undefined, "answered"] as const),
        Late: () => Effect.succeed([undefined, "gave up"] as const),
        State: (_, state) => Effect.succeed([state, state] as const)
      }
    )
  )
  const answering = yield* Effect.forkChild(
    Effect.andThen(Effect.sleep("5 millis"), session.ask("Answer"))
  )
  yield* Fiber.join(answering)
  yield* Effect.sleep("1 millis")
  if ((yield* session.ask("State")) !== "answered") return yield* Effect.fail("an answer is lost")
})

const planted = { lostUpdate, deadlock, missedTimer }
const provided = <A, E>(
  program: Effect.Effect<A, E, Effect.Services<typeof lostUpdate>>
): Effect.Effect<A, E> => program.pipe(Effect.scoped, Effect.provide(quiet))

const errorOf = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "none"

/** A program with crashes, backoffs, timers, asks and senders that wait, which is right. */
const workshop = Effect.gen(function* () {
  const Job = RpcGroup.make(Rpc.make("Run", { payload: { n: Schema.Int }, success: Schema.Int }))
  const worker = Behavior.make(Job, () => Effect.succeed(0), {
    Run: ({ n }, done) =>
      Effect.gen(function* () {
        if ((yield* Random.nextIntBetween(0, 4)) === 0) return yield* Effect.die("bang")
        yield* Effect.sleep(`${n % 3} millis`)
        return [n, done + 1] as const
      })
  })
  const { refs } = yield* Supervisor.make(
    { a: Supervisor.child(worker, { capacity: 1 }), b: worker },
    { strategy: "rest_for_one", intensity: 100, backoff: Schedule.spaced("1 millis") }
  )
  yield* Effect.forEach(
    Array.from({ length: 10 }, (_, n) => n),
    (n) => Effect.exit((n % 2 === 0 ? refs.a : refs.b).ask("Run", { n })),
    { concurrency: "unbounded" }
  )
  const { counts } = yield* DeadLetters.DeadLetters
  return (yield* counts).crashed
}).pipe(Effect.scoped, Effect.provide(quiet))

describe("actors under the simulator", () => {
  it.effect.each(Object.keys(planted) as ReadonlyArray<keyof typeof planted>)(
    "SIM1: a planted bug, %s, is found in fewer than 1,000 seeds, and replayed from its token",
    (name) =>
      Effect.gen(function* () {
        const program = provided(planted[name])
        const failed = yield* Effect.flip(Simulation.explore(program, { seeds: 999 }))
        const why = errorOf(Exit.failCause(failed.cause))
        assert.match(
          why,
          { lostUpdate: /update/, deadlock: /Deadlocked/, missedTimer: /answer/ }[name]
        )
        for (const seed of [failed.token, failed.token, failed.seed]) {
          assert.strictEqual(errorOf((yield* Simulation.run(program, { seed })).exit), why)
        }
      })
  )

  it.effect("SIM1: and the deadlock says who waits for whom", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(Simulation.explore(provided(deadlock), { seeds: 999 }))
      assert.match(message, /waits for Actor "\/1"/)
      assert.match(message, /waits for Actor "\/2"/)
    })
  )

  it.effect("SIM2: a seed has one schedule, however often it is run, and seeds have many", () =>
    Effect.gen(function* () {
      const one = yield* Simulation.run(workshop, { seed: 7 })
      assert.isTrue(Exit.isSuccess(one.exit))
      for (let run = 0; run < 100; run++) {
        const again = yield* Simulation.run(workshop, { seed: 7 })
        assert.deepStrictEqual([again.traceHash, again.exit], [one.traceHash, one.exit])
      }
      const { schedules } = yield* Simulation.explore(workshop, { seeds: 1000 })
      assert.isAtLeast(schedules, 500)
    })
  )

  it.effect("SIM3: a day of timers takes steps for what happens in it, and no more", () =>
    Effect.gen(function* () {
      const Clock = RpcGroup.make(
        Rpc.make("Minute"),
        Rpc.make("Idle"),
        Rpc.make("Count", { success: Schema.Int })
      )
      const clock = Behavior.make(
        Clock,
        ({ receiveTimeout, timer }) =>
          timer("minute", { every: "1 minute" }, "Minute").pipe(
            Effect.andThen(receiveTimeout("1 hour", "Idle")),
            Effect.as(0)
          ),
        {
          Minute: (_, count) => Effect.succeed([undefined, count + 1] as const),
          Idle: () => Effect.die("it was never idle for an hour"),
          Count: (_, count) => Effect.succeed([count, count] as const)
        }
      )
      const day = Effect.gen(function* () {
        const ref = yield* Actor.spawn(clock)
        yield* Effect.sleep("24 hours")
        yield* Effect.sleep("1 millis")
        return yield* ref.ask("Count")
      })
      const { exit, steps, virtualTime } = yield* Simulation.run(provided(day), { seed: 1 })
      assert.deepStrictEqual(exit, Exit.succeed(24 * 60))
      assert.strictEqual(Duration.toHours(virtualTime), 24 + 1 / 3_600_000)
      assert.isBelow(steps, 24 * 60 * 50)
    })
  )
})

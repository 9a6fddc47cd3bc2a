import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Latch, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { TestClock } from "effect/testing"
import { Actor, ActorError, ActorSystem, Behavior, DeadLetters } from "@fibra/actors"
import { Waits } from "@fibra/tasks"
import { bang, type Context, nothing, type Ref, worker } from "./support/messages.ts"
import { quiet } from "./support/system.ts"

/** A handler that logs its beginning and its finalizer, and waits at the gate. */
const slow = (gate: Latch.Latch, log: Array<string>) => () =>
  Effect.sync(() => log.push("begins")).pipe(
    Effect.andThen(gate.await),
    Effect.onInterrupt(() => Effect.sync(() => log.push("interrupted"))),
    Effect.ensuring(Effect.sync(() => log.push("finalized")))
  )

const setup = Effect.gen(function* () {
  const ref = yield* Actor.spawn(worker(), { name: "worker" })
  return { ref, gate: yield* Latch.make(), log: new Array<string>() }
})

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

describe("Ask", () => {
  it.effect("ASK1: an ask without a timeout of its own fails after 5 seconds", () =>
    Effect.gen(function* () {
      const { gate, log, ref } = yield* setup
      const asking = yield* start(ref.ask("Ask", slow(gate, log)))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(asking.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(
        yield* Fiber.await(asking),
        Exit.fail(
          new ActorError.AskTimeout({
            actor: "/worker",
            tag: "Ask",
            timeout: Duration.seconds(5)
          })
        )
      )
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK2: an ask that is given up in the mailbox is never handled", () =>
    Effect.gen(function* () {
      const { gate, log, ref } = yield* setup
      yield* ref.tell("Tell", () => gate.await)
      const late = yield* start(ref.ask("Ask", slow(gate, log), { timeout: "1 second" }))
      const interrupted = yield* start(ref.ask("Ask", slow(gate, log)))
      yield* TestClock.adjust("1 second")
      assert.instanceOf(yield* Effect.flip(Fiber.join(late)), ActorError.AskTimeout)
      yield* Fiber.interrupt(interrupted)
      const [actor] = yield* ActorSystem.snapshot
      assert.strictEqual(actor?.counts.queued, 1)
      yield* gate.open
      assert.strictEqual(yield* ref.ask("Ask", nothing), 2)
      assert.deepStrictEqual(log, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect.each(["timeout", "interrupt"])(
    "ASK3: a %s interrupts the running handler, whose finalizers run once; the state is as before",
    (how) =>
      Effect.gen(function* () {
        const { gate, log, ref } = yield* setup
        assert.strictEqual(yield* ref.ask("Ask", nothing), 1)
        const asking = yield* start(ref.ask("Ask", slow(gate, log), { timeout: "1 second" }))
        yield* Effect.yieldNow
        assert.deepStrictEqual(log, ["begins"])
        if (how === "timeout") yield* TestClock.adjust("1 second")
        else yield* Fiber.interrupt(asking)
        const exit = yield* Fiber.await(asking)
        assert.strictEqual(Exit.hasInterrupts(exit), how === "interrupt")
        yield* gate.open
        assert.strictEqual(yield* ref.ask("Ask", nothing), 2)
        assert.deepStrictEqual(log, ["begins", "interrupted", "finalized"])
        const [actor] = yield* ActorSystem.snapshot
        assert.deepInclude(actor?.counts, { handled: 2, rejected: 1, deadLettered: 0 })
      }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK4: and one that is put aside after its asker has gone is never handled", () =>
    Effect.gen(function* () {
      const Later = RpcGroup.make(
        Rpc.make("Later").annotate(Behavior.Uninterruptible, true),
        Rpc.make("Now", { success: Schema.Int })
      )
      const gate = yield* Latch.make()
      const later = Behavior.make(Later, () => Effect.succeed(0), {
        Later: (_, count, { stash }) =>
          count === 0 ? Effect.andThen(gate.await, stash) : Effect.die("handled"),
        Now: (_, count, { unstashAll }) => Effect.as(unstashAll, [count + 1, count + 1] as const)
      })
      const ref = yield* Actor.spawn(later)
      const asking = yield* start(ref.ask("Later"))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(asking)
      yield* gate.open
      assert.strictEqual(yield* ref.ask("Now"), 1)
      assert.strictEqual(yield* ref.ask("Now"), 2)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK4: and so is one that puts its message aside because its asker has gone", () =>
    Effect.gen(function* () {
      const { ref } = yield* setup
      const asking = yield* start(
        ref.ask("Ask", ({ stash }) => Effect.onInterrupt(Effect.never, () => stash))
      )
      yield* Effect.yieldNow
      yield* Fiber.interrupt(asking)
      assert.strictEqual(yield* ref.ask("Ask", ({ unstashAll }) => unstashAll), 1)
      const [actor] = yield* ActorSystem.snapshot
      assert.deepInclude(actor?.counts, { handled: 1, rejected: 1, queued: 0 })
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ASK4: the handler of an uninterruptible message ends and its state counts, without its asker",
    () =>
      Effect.gen(function* () {
        const { gate } = yield* setup
        const Stubborn = RpcGroup.make(
          Rpc.make("Count", { success: Schema.Int }).annotate(Behavior.Uninterruptible, true)
        )
        const stubborn = Behavior.make(Stubborn, () => Effect.succeed(0), {
          Count: (_, count) => Effect.as(gate.await, [count + 1, count + 1] as const)
        })
        const ref = yield* Actor.spawn(stubborn)
        const asking = yield* start(ref.ask("Count"))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(asking)
        yield* gate.open
        assert.strictEqual(yield* ref.ask("Count"), 2)
      }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK5: asking an actor that has stopped fails at once, and its queue is refused", () =>
    Effect.gen(function* () {
      const { gate, ref } = yield* setup
      yield* ref.tell("Tell", () => gate.await)
      yield* Effect.yieldNow
      const queued = yield* start(ref.ask("Ask", nothing))
      const stopping = yield* start(Actor.stop(ref))
      yield* gate.open
      yield* Fiber.join(stopping)
      const stopped = new ActorError.ActorStopped({ actor: "/worker", reason: "stopped" })
      assert.deepStrictEqual(yield* Fiber.await(queued), Exit.fail(stopped))
      const asking = yield* start(ref.ask("Ask", nothing))
      assert.deepStrictEqual(asking.pollUnsafe(), Exit.fail(stopped))
      const { counts } = yield* DeadLetters.DeadLetters
      assert.strictEqual((yield* counts).stopped, 0)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK6: asks that go round in a circle fail at once with its path", () =>
    Effect.gen(function* () {
      const refs: Array<Ref> = []
      for (const name of ["a", "b", "c"]) refs.push(yield* Actor.spawn(worker(), { name }))
      const failures: Array<ReadonlyArray<string>> = []
      // Each asks the next one, and the last one the first.
      const relay = (index: number): Effect.Effect<void> =>
        refs[index % 3]!.ask("Ask", () => (index === 3 ? Effect.void : relay(index + 1))).pipe(
          Effect.catchTag("AskCycle", ({ path }) => Effect.sync(() => failures.push(path))),
          Effect.orDie,
          Effect.asVoid
        )
      yield* relay(0)
      assert.deepStrictEqual(failures, [["/a", "/b", "/c", "/a"]])
      const cycle = new ActorError.AskCycle({ path: failures[0]! })
      assert.strictEqual(
        cycle.message,
        "/a -> /b -> /c -> /a wait for each other: use tell for one of these messages"
      )
    }).pipe(Effect.provide(quiet))
  )

  it.effect(
    "ASK6: through init, through forked fibers, and for an actor that asks itself, too",
    () =>
      Effect.gen(function* () {
        const paths: Array<ReadonlyArray<string>> = []
        const seen = <A, E extends { readonly _tag: string }, R>(ask: Effect.Effect<A, E, R>) =>
          Effect.matchEffect(ask, {
            onFailure: (error) =>
              Effect.sync(
                () => void paths.push(error instanceof ActorError.AskCycle ? error.path : [])
              ),
            onSuccess: () => Effect.void
          })
        const a = yield* Actor.spawn(worker(), { name: "a" })
        yield* a.ask("Ask", ({ self }) => seen(self.ask("Ask", nothing)))
        yield* a.tell("Tell", ({ self }) =>
          Effect.timeout(seen(self.ask("Ask", nothing)), "1 second").pipe(Effect.orDie)
        )
        yield* a.ask("Ask", (context) =>
          Effect.asVoid(
            context.spawn(
              worker(() => seen(context.self.ask("Ask", nothing))),
              { name: "child" }
            )
          )
        )
        assert.deepStrictEqual(paths, [
          ["/a", "/a"],
          ["/a", "/a"],
          ["/a", "/a/child", "/a"]
        ])
      }).pipe(Effect.provide(quiet))
  )

  it.effect.each(["Ask", "Tell"] as const)(
    "ASK7: what the handler of %s left running may ask its own actor once the handler is over",
    (how) =>
      Effect.gen(function* () {
        const { gate, ref } = yield* setup
        const answer = yield* Deferred.make<number, unknown>()
        const leave = ({ self }: Context) =>
          gate.await.pipe(
            Effect.andThen(self.ask("Ask", nothing)),
            Effect.exit,
            Effect.flatMap((exit) => Deferred.done(answer, exit)),
            Effect.forkDetach,
            Effect.asVoid
          )
        yield* how === "Ask" ? ref.ask("Ask", leave) : ref.tell("Tell", leave)
        // The next handler of the same turn runs while that one asks.
        yield* ref.tell("Tell", () => Effect.asVoid(gate.open))
        assert.strictEqual(yield* Deferred.await(answer), 3)
      }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK7: and so may what init left running", () =>
    Effect.gen(function* () {
      const answer = yield* Deferred.make<number, unknown>()
      const gate = yield* Latch.make()
      yield* Actor.spawn(
        worker(({ self }) =>
          gate.await.pipe(
            Effect.andThen(self.ask("Ask", nothing)),
            Effect.exit,
            Effect.flatMap((exit) => Deferred.done(answer, exit)),
            Effect.forkDetach
          )
        )
      )
      yield* gate.open
      assert.strictEqual(yield* Deferred.await(answer), 1)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK7: and so may one whose asker has given up waiting for it", () =>
    Effect.gen(function* () {
      const a = yield* Actor.spawn(worker())
      const b = yield* Actor.spawn(worker())
      const gate = yield* Latch.make()
      const answer = yield* Deferred.make<Exit.Exit<number, unknown>>()
      const stubborn = gate.await.pipe(
        Effect.andThen(a.ask("Ask", nothing)),
        Effect.exit,
        Effect.flatMap((exit) => Deferred.succeed(answer, exit)),
        Effect.uninterruptible,
        Effect.asVoid
      )
      const asking = yield* start(
        a.ask("Ask", () =>
          b
            .ask("Ask", () => stubborn, { timeout: "1 second" })
            .pipe(
              Effect.ignore,
              Effect.andThen(Effect.suspend(() => gate.open)),
              // The handler of a waits for b no longer, but is not over yet.
              Effect.andThen(Effect.sleep("1 second"))
            )
        )
      )
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(asking)
      assert.deepStrictEqual(yield* Deferred.await(answer), Exit.succeed(2))
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK8: a crash on the message tells its asker at once, with the cause", () =>
    Effect.gen(function* () {
      const { ref } = yield* setup
      const stopped = yield* Effect.flip(ref.ask("Ask", bang))
      assert.instanceOf(stopped, ActorError.ActorStopped)
      if (stopped._tag !== "ActorStopped") return
      assert.strictEqual(stopped.reason, "crashed")
      assert.deepStrictEqual(
        stopped.cause,
        yield* Effect.sandbox(Effect.die("bang")).pipe(Effect.flip)
      )
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK9: asks that are over leave nothing in the system", () =>
    Effect.gen(function* () {
      const { gate, ref } = yield* setup
      const system = yield* ActorSystem.ActorSystem
      for (let n = 1; n <= 100; n++)
        yield* ref.ask("Ask", nothing, { timeout: Duration.minutes(n) })
      assert.isAtMost(system.expiries.sleepers, 17)
      yield* ref.tell("Tell", () => gate.await)
      for (let round = 0; round < 100; round++) {
        const asks = Effect.forEach(
          Array.from({ length: 100 }, (_, n) => n),
          (n) => Effect.ignore(ref.ask("Ask", nothing, { timeout: Duration.millis(1000 + n) })),
          { concurrency: "unbounded", discard: true }
        )
        const asking = yield* start(asks)
        if (round % 2 === 0) yield* TestClock.adjust("2 seconds")
        yield* Fiber.interrupt(asking)
        assert.isAtMost(system.expiries.sleepers, 17)
      }
      const [actor] = yield* ActorSystem.snapshot
      assert.deepStrictEqual(actor?.counts, {
        offered: 10_101,
        handled: 100,
        rejected: 10_000,
        deadLettered: 0,
        queued: 1
      })
      yield* gate.open
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK12: who asks on and on, and never waits, lets the event loop turn", () =>
    Effect.gen(function* () {
      const { ref } = yield* setup
      let asked = 0
      const turned = yield* Deferred.make<number>()
      // The first one begins a turn.
      yield* ref.ask("Ask", nothing)
      // The first one begins a turn.
      yield* ref.ask("Ask", nothing)
      setImmediate(() => Deferred.doneUnsafe(turned, Exit.succeed(asked)))
      yield* Effect.whileLoop({
        while: () => asked < 5_000,
        body: () => ref.ask("Ask", nothing),
        step: () => void asked++
      })
      assert.isBelow(yield* Deferred.await(turned), 300)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("ASK10: the observer of waits is told who waits for which actor, and who runs it", () =>
    Effect.gen(function* () {
      const { gate, ref } = yield* setup
      const log: Array<string> = []
      const listener: Waits.Listener = {
        waiting: (_, resource) => log.push(`${resource.kind} ${resource.name}`),
        waited: (_, { holders }) => log.push(`goes on, ${holders().length} holders`)
      }
      const observed = Effect.provideService(
        ref.ask("Ask", () => gate.await),
        Waits.Observer,
        listener
      )
      const asking = yield* start(observed)
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["Actor /worker"])
      yield* gate.open
      yield* Fiber.join(asking)
      assert.deepStrictEqual(log, ["Actor /worker", "goes on, 0 holders"])
    }).pipe(Effect.provide(quiet))
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, ActorError, ActorSystem, Behavior, DeadLetters } from "@fibra/actors"
import type { ActorOptions } from "@fibra/actors"
import { spawnRestarting } from "./support/restarting.ts"
import { bang, nothing, type Ref, worker } from "./support/messages.ts"
import { quiet } from "./support/system.ts"

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** An actor that handles a message until the gate opens, and a log of what it handles then. */
const setup = (options?: ActorOptions.Options) =>
  Effect.gen(function* () {
    const [gate, began] = [yield* Latch.make(), yield* Latch.make()]
    const log: Array<string> = []
    const ref = yield* Actor.spawn(worker(undefined, log), { name: "w", ...options })
    yield* ref.tell("Tell", () => Effect.andThen(began.open, gate.await))
    yield* began.await
    const note = (text: string) => () => Effect.sync(() => void log.push(text))
    const [tell, ask] = [
      (text: string) => ref.tell("Tell", note(text)),
      (text: string) => ref.ask("Ask", note(text))
    ]
    const end = Effect.andThen(gate.open, ask("end"))
    return { ask, end, gate, log, note, ref, tell }
  })

const letters = Effect.flatMap(DeadLetters.DeadLetters, ({ all }) => all).pipe(
  Effect.map((all) => all.map(({ reason }) => reason))
)
const counts = Effect.map(ActorSystem.snapshot, ([actor]) => actor?.counts)
const full = new ActorError.MailboxFull({ actor: "/w", capacity: 2 })

describe("Mailbox", () => {
  it.effect("MBX2: with suspend, senders wait for room and are served in order of arrival", () =>
    Effect.gen(function* () {
      const { ask, end, log, tell } = yield* setup({ capacity: 2 })
      const sends = []
      for (const text of ["a", "b", "c", "d", "e"]) {
        sends.push(yield* start(text === "d" ? ask(text) : tell(text)))
      }
      assert.deepStrictEqual(
        sends.map((fiber) => fiber.pollUnsafe() !== undefined),
        [true, true, false, false, false]
      )
      yield* end
      yield* Fiber.awaitAll(sends)
      assert.deepStrictEqual(log, ["a", "b", "c", "d", "e", "end"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX2: the capacity is 10,000 and the overflow suspend where nothing is said", () =>
    Effect.gen(function* () {
      const { end, log, tell } = yield* setup()
      for (let n = 0; n < 10_000; n++) yield* tell("")
      const waiting = yield* start(tell("last"))
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* end
      assert.deepStrictEqual(log.slice(-2), ["last", "end"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX3: interrupting a waiting sender sends nothing, and lets those behind it in", () =>
    Effect.gen(function* () {
      const { ask, end, log, tell } = yield* setup({ capacity: 1 })
      yield* tell("a")
      const [b, c, d] = [yield* start(tell("b")), yield* start(ask("c")), yield* start(tell("d"))]
      yield* Fiber.interrupt(b)
      yield* Fiber.interrupt(c)
      assert.strictEqual((yield* ActorSystem.snapshot)[0]?.waiting, 1)
      yield* end
      yield* Fiber.join(d)
      assert.deepStrictEqual(log, ["a", "d", "end"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX3: giving up a queued ask makes room for a waiting sender", () =>
    Effect.gen(function* () {
      const { ask, end, log, tell } = yield* setup({ capacity: 1 })
      const a = yield* start(ask("a"))
      const b = yield* start(tell("b"))
      yield* Fiber.interrupt(a)
      yield* Fiber.join(b)
      yield* end
      assert.deepStrictEqual(log, ["b", "end"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX4: with fail, a full mailbox refuses tells and asks with MailboxFull", () =>
    Effect.gen(function* () {
      const { ask, gate, log, ref, tell, note } = yield* setup({ capacity: 2, overflow: "fail" })
      yield* tell("a")
      yield* tell("b")
      assert.deepStrictEqual(yield* Effect.flip(tell("c")), full)
      assert.deepStrictEqual(yield* Effect.flip(ask("d")), full)
      assert.deepStrictEqual(ref.tellUnsafe("Tell", note("e")), Exit.fail(full))
      assert.deepInclude(yield* counts, { offered: 6, rejected: 3, deadLettered: 0 })
      yield* gate.open
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["a", "b"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX4: tellUnsafe is refused by a full mailbox whose senders wait", () =>
    Effect.gen(function* () {
      const { end, log, note, ref } = yield* setup({ capacity: 2 })
      const exits = ["a", "b", "c"].map((text) => ref.tellUnsafe("Tell", note(text)))
      assert.deepStrictEqual(exits, [Exit.void, Exit.void, Exit.fail(full)])
      yield* end
      assert.deepStrictEqual(log, ["a", "b", "end"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX5: with dropNewest, what comes to a full mailbox is a dead letter", () =>
    Effect.gen(function* () {
      const { ask, gate, log, tell } = yield* setup({ capacity: 2, overflow: "dropNewest" })
      for (const text of ["a", "b", "c"]) yield* tell(text)
      assert.deepStrictEqual(yield* Effect.flip(ask("d")), full)
      assert.deepStrictEqual(yield* letters, ["droppedNewest", "droppedNewest"])
      yield* gate.open
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["a", "b"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX6: with dropOldest, the oldest message makes room and is a dead letter", () =>
    Effect.gen(function* () {
      const { ask, gate, log, tell } = yield* setup({ capacity: 2, overflow: "dropOldest" })
      const a = yield* start(ask("a"))
      for (const text of ["b", "c", "d"]) yield* tell(text)
      assert.deepStrictEqual(yield* Fiber.await(a), Exit.fail(full))
      assert.deepStrictEqual(yield* letters, ["droppedOldest", "droppedOldest"])
      yield* gate.open
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      assert.deepStrictEqual(log, ["c", "d"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX6: what timers and watches have sent is not dropped for what others send", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const ref = yield* Actor.spawn(worker(undefined, log), {
        capacity: 2,
        overflow: "dropOldest"
      })
      const gate = yield* Latch.make()
      yield* ref.ask("Ask", ({ timer }) => timer("t", { after: "1 second" }, "Tick", { n: 1 }))
      yield* ref.tell("Tell", () => gate.await)
      yield* TestClock.adjust("1 second")
      for (const n of [1, 2, 3]) yield* ref.tell("Tick", { n: n * 10 })
      yield* gate.open
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(log, ["tick 1", "tick 30"])
      assert.deepStrictEqual(yield* letters, ["droppedOldest", "droppedOldest"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX10: what timers and watches have sent can always be put aside", () =>
    Effect.gen(function* () {
      const Later = RpcGroup.make(
        Rpc.make("Sent"),
        Rpc.make("Tick"),
        Rpc.make("Gone"),
        Rpc.make("Now", { success: Schema.Int })
      )
      const other = yield* Actor.spawn(worker())
      const later = Behavior.make(
        Later,
        ({ timer, watch }) =>
          timer("t", { after: "1 second" }, "Tick").pipe(
            Effect.andThen(watch(other, "Gone", () => undefined)),
            Effect.as({ isReady: false, count: 0 })
          ),
        {
          Sent: (_, state, { stash }) =>
            state.isReady ? Effect.succeed([undefined, state] as const) : stash,
          Tick: (_, state, { stash }) =>
            state.isReady
              ? Effect.succeed([undefined, { ...state, count: state.count + 1 }] as const)
              : stash,
          Gone: (_, state, { stash }) =>
            state.isReady
              ? Effect.succeed([undefined, { ...state, count: state.count + 10 }] as const)
              : stash,
          Now: (_, state, { unstashAll }) =>
            Effect.as(unstashAll, [state.count, { ...state, isReady: true }] as const)
        }
      )
      const ref = yield* Actor.spawn(later, { capacity: 1 })
      yield* ref.tell("Sent")
      yield* TestClock.adjust("1 second")
      yield* Actor.stop(other)
      assert.strictEqual(yield* ref.ask("Now"), 0)
      assert.strictEqual(yield* ref.ask("Now"), 11)
      assert.deepStrictEqual(yield* letters, [])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX7: a Down is handled before 100,000 messages that wait, and a stop as well", () =>
    Effect.gen(function* () {
      const { end, gate, log, note, ref } = yield* setup({ capacity: 100_000 })
      const other = yield* Actor.spawn(worker(), { name: "other" })
      const watching = yield* start(
        ref.ask("Ask", ({ watch }) =>
          watch(other, "Down", ({ path, reason }) => ({ path, reason: reason._tag }))
        )
      )
      yield* end
      yield* Fiber.join(watching)
      yield* gate.close
      const busy = yield* Latch.make()
      yield* ref.tell("Tell", () => Effect.andThen(busy.open, gate.await))
      yield* busy.await
      log.length = 0
      for (let n = 0; n < 100_000; n++) ref.tellUnsafe("Tell", note(""))
      yield* Actor.stop(other)
      yield* gate.open
      while (log.length === 0) yield* Effect.yieldNow
      assert.strictEqual(log[0], "/other Stopped")
      const handled = log.length
      yield* Actor.stop(ref)
      assert.strictEqual(log.length, handled)
      const { stopped } = yield* Effect.flatMap(DeadLetters.DeadLetters, ({ counts }) => counts)
      assert.strictEqual(stopped + log.length - 1, 100_000)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX8: what was put aside comes back to the front, in the order of its arrival", () =>
    Effect.gen(function* () {
      const { end, log, note, ref, tell } = yield* setup()
      let ready = false
      const later = (text: string) =>
        ref.tell("Tell", ({ stash }) => (ready ? note(text)() : stash))
      const asked = yield* start(ref.ask("Ask", ({ stash }) => (ready ? note("asked")() : stash)))
      yield* later("a")
      yield* tell("b")
      yield* later("c")
      yield* ref.tell("Tell", ({ unstashAll }) =>
        Effect.andThen(
          Effect.sync(() => {
            ready = true
          }),
          unstashAll
        )
      )
      yield* tell("d")
      yield* end
      assert.deepStrictEqual(log, ["b", "asked", "a", "c", "d", "end"])
      assert.deepStrictEqual(yield* Fiber.await(asked), Exit.succeed(4))
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX8: asks that came back, and those behind them, can still be given up", () =>
    Effect.gen(function* () {
      const { ask, end, gate, log, note, ref, tell } = yield* setup()
      let ready = false
      const aside = () => ref.ask("Ask", ({ stash }) => (ready ? note("aside")() : stash))
      const [a, b] = [yield* start(aside()), yield* start(aside())]
      const back = yield* Latch.make()
      yield* ref.tell("Tell", ({ unstashAll }) =>
        Effect.andThen(
          Effect.sync(() => {
            ready = true
          }),
          Effect.andThen(unstashAll, Effect.andThen(back.open, gate.await))
        )
      )
      const behind = yield* start(ask("behind"))
      yield* tell("last")
      yield* gate.open
      yield* gate.close
      yield* back.await
      yield* Fiber.interrupt(a)
      yield* Fiber.interrupt(behind)
      const [actor] = yield* ActorSystem.snapshot
      assert.deepInclude(actor?.counts, { rejected: 2, queued: 3 })
      yield* end
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(b)))
      assert.deepStrictEqual(log, ["aside", "last", "end"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX8: while more came back than the mailbox holds, senders go on waiting", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker(), { capacity: 2 })
      const [gate, back] = [yield* Latch.make(), yield* Latch.make()]
      yield* ref.tell("Tell", ({ stash }) => (back.isOpen() ? gate.await : stash))
      yield* ref.tell("Tell", ({ stash }) => (back.isOpen() ? Effect.void : stash))
      yield* ref.ask("Ask", nothing)
      yield* ref.tell("Tell", ({ unstashAll }) => back.await.pipe(Effect.andThen(unstashAll)))
      yield* Effect.yieldNow
      const sends = []
      for (let n = 0; n < 3; n++) sends.push(yield* start(ref.tell("Tell", nothing)))
      yield* back.open
      const look = Effect.map(ActorSystem.snapshot, ([actor]) => actor!)
      while ((yield* look).stashed > 0) yield* Effect.yieldNow
      for (let turn = 0; turn < 10; turn++) yield* Effect.yieldNow
      // One of the two that came back is handled, and waits; the other one and two more are queued.
      assert.deepInclude(yield* look, { waiting: 1 })
      assert.strictEqual((yield* look).counts.queued, 4)
      yield* gate.open
      yield* Fiber.awaitAll(sends)
      assert.strictEqual(yield* ref.ask("Ask", nothing), 8)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX8: the state is as before a handler that puts its message aside", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker())
      yield* ref.tell("Tell", ({ stash }) => stash)
      assert.strictEqual(yield* ref.ask("Ask", nothing), 1)
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX9: what is put aside when the actor stops is refused, and is a dead letter", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker())
      const asked = yield* start(ref.ask("Ask", ({ stash }) => stash))
      yield* ref.tell("Tell", ({ stash }) => stash)
      yield* ref.ask("Ask", nothing)
      yield* Actor.stop(ref)
      assert.strictEqual((yield* Effect.flip(Fiber.join(asked)))._tag, "ActorStopped")
      assert.deepStrictEqual(yield* letters, ["stopped"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX9: after a crash it comes back to the front of the mailbox, which is kept", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const note = (text: string) => Effect.sync(() => void log.push(text))
      const { cell, ref } = yield* spawnRestarting(worker(), 1)
      let crashed = false
      const later = (text: string) => () => (crashed ? note(text) : note(`not yet ${text}`))
      yield* ref.tell("Tell", (context) =>
        crashed ? note("a") : Effect.andThen(note("not yet a"), context.stash)
      )
      yield* ref.tell("Tell", () => {
        crashed = true
        return bang(undefined as never, 0)
      })
      yield* ref.tell("Tell", later("b"))
      const asking = yield* start(ref.ask("Ask", nothing))
      while (cell.status !== "restarting") yield* Effect.yieldNow
      yield* TestClock.adjust("10 millis")
      assert.strictEqual(yield* Fiber.join(asking), 3)
      assert.deepStrictEqual(log, ["not yet a", "a", "b"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX10: as many as the capacity can be put aside, one more is refused", () =>
    Effect.gen(function* () {
      const ref = yield* Actor.spawn(worker(), { capacity: 2, name: "w" })
      const aside = (ref: Ref) => ref.ask("Ask", ({ stash }) => stash)
      yield* start(aside(ref))
      yield* start(aside(ref))
      assert.deepStrictEqual(yield* Effect.flip(aside(ref)), full)
      yield* ref.tell("Tell", ({ stash }) => stash)
      yield* ref.ask("Ask", nothing)
      assert.deepStrictEqual(yield* letters, ["stashFull", "stashFull"])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX11: a sender that a full mailbox refuses does not crash of it", () =>
    Effect.gen(function* () {
      const { gate, ref: slow } = yield* setup({ capacity: 1, overflow: "fail" })
      const sender = yield* Actor.spawn(worker())
      const send = () => Effect.ignore(slow.tell("Tell", nothing))
      for (let n = 0; n < 10; n++) yield* sender.ask("Ask", send)
      assert.strictEqual(yield* sender.ask("Ask", nothing), 11)
      yield* gate.open
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX13: who waits for the sender does not have it wait for room, but refuses", () =>
    Effect.gen(function* () {
      const a = yield* Actor.spawn(worker(), { capacity: 1, name: "w" })
      const b = yield* Actor.spawn(worker(), { capacity: 1 })
      const failures: Array<unknown> = []
      const send = (ref: Ref) => () =>
        Effect.forEach([1, 2], () => ref.tell("Tell", nothing), { discard: true }).pipe(
          Effect.catch((error) => Effect.sync(() => void failures.push(error)))
        )
      yield* a.ask("Ask", send(a))
      yield* a.ask("Ask", () => Effect.asVoid(Effect.orDie(b.ask("Ask", send(a)))))
      const full = new ActorError.MailboxFull({ actor: "/w", capacity: 1 })
      assert.deepStrictEqual(failures, [full, full])
    }).pipe(Effect.provide(quiet))
  )

  it.effect("MBX12: a tell that waits when the actor stops becomes a dead letter", () =>
    Effect.gen(function* () {
      const { gate, ref, tell } = yield* setup({ capacity: 1 })
      yield* tell("a")
      const waiting = yield* start(tell("b"))
      const stopping = yield* start(Actor.stop(ref))
      yield* gate.open
      yield* Fiber.join(stopping)
      yield* Fiber.join(waiting)
      yield* tell("c")
      assert.deepStrictEqual(yield* letters, ["stopped", "stopped", "stopped"])
    }).pipe(Effect.provide(quiet))
  )
})

/** A random load on a supervised actor, of which every message is accounted for at the end. */
import { assert } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Random, Schedule, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, ActorError, ActorSystem, Behavior, DeadLetters, Supervisor } from "@fibra/actors"
import { cellOf } from "../../src/internal/localRef.ts"
import { quiet } from "./system.ts"

class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}

const Message = { id: Schema.Int, does: Schema.String }
const Load = RpcGroup.make(
  Rpc.make("Told", { payload: Message }),
  Rpc.make("Asked", { payload: Message, success: Schema.Int, error: Refused }),
  Rpc.make("Tick", { payload: Message })
)

/** What the handlers and the senders saw of each message. */
interface Ledger {
  readonly offered: Set<number>
  /** Handled to the end, with a reply or a typed failure. */
  readonly handled: Map<number, number>
  /** Senders that were told so. */
  readonly refused: Set<number>
  /** Senders that have gone before they had an answer. */
  readonly abandoned: Set<number>
}

const newLedger = (): Ledger => ({
  offered: new Set(),
  handled: new Map(),
  refused: new Set(),
  abandoned: new Set()
})

const pick = <const A>(...from: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, from.length - 1), (index) => from[index]!)

const actions = "work work work fail die stash stash unstash sleep time cancel".split(" ")

const behavior = (ledger: Ledger) => {
  const done = (id: number) => {
    ledger.handled.set(id, (ledger.handled.get(id) ?? 0) + 1)
  }
  const handle = (
    { does, id }: { readonly id: number; readonly does: string },
    state: number,
    context: Behavior.ActorContext<RpcGroup.Rpcs<typeof Load>>
  ) =>
    Effect.gen(function* () {
      const turns = yield* Random.nextIntBetween(0, 2)
      for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
      if (does === "die") return yield* Effect.die("bang")
      if (does === "stash" && (yield* Random.nextBoolean)) return yield* context.stash
      if (does === "unstash") yield* context.unstashAll
      if (does === "sleep") yield* Effect.sleep("20 millis")
      if (does === "stop") yield* context.stop
      if (does === "time")
        yield* context.timer("t", { every: "5 millis" }, "Tick", { id: -1, does: "" })
      if (does === "cancel") yield* context.cancelTimer("t")
      return yield* Effect.sync(() => {
        done(id)
        return [id, state + 1] as const
      })
    })
  return Behavior.make(Load, () => Effect.as(Effect.yieldNow, 0), {
    Told: (message, state, context) =>
      Effect.map(handle(message, state, context), ([, next]) => [undefined, next] as const),
    Asked: (message, state, context) =>
      message.does === "fail"
        ? Effect.suspend(() => {
            done(message.id)
            return Effect.fail(new Refused())
          })
        : handle(message, state, context),
    Tick: (_, state) => Effect.succeed([undefined, state + 1] as const)
  })
}

/** Fails where a message is lost, or handled twice, or counted wrong. */
export const conservation = Effect.gen(function* () {
  const ledger = newLedger()
  const system = yield* ActorSystem.ActorSystem
  const overflow = yield* pick("suspend", "fail", "dropNewest", "dropOldest")
  const loaded = Supervisor.child(behavior(ledger), {
    capacity: yield* Random.nextIntBetween(1, 5),
    overflow,
    shutdown: yield* pick("kill", "0 millis", "10 millis", "1 second"),
    type: yield* pick("permanent", "transient"),
    backoff: yield* pick(undefined, Schedule.spaced("10 millis"), Schedule.recurs(1))
  })
  // The budget of restarts is used up in some of the runs.
  const supervisor = yield* Supervisor.make(
    { before: behavior(newLedger()), loaded, after: behavior(newLedger()) },
    {
      intensity: yield* Random.nextIntBetween(0, 3),
      strategy: yield* pick("one_for_one", "one_for_all", "rest_for_one")
    }
  )
  const joined = yield* Effect.forkChild(Effect.exit(supervisor.join))
  const ref = supervisor.refs.loaded
  const cell = cellOf(ref)!
  const ends = yield* pick("stop", "nothing")
  const send = (id: number) =>
    Effect.gen(function* () {
      ledger.offered.add(id)
      const does = yield* pick(...actions, ...(ends === "stop" ? ["stop"] : []))
      const how = yield* pick("tell", "tellUnsafe", "ask", "ask")
      const message = { id, does }
      const sending: Effect.Effect<unknown, unknown> =
        how === "ask"
          ? ref.ask("Asked", message, { timeout: yield* pick("10 millis", "1 second") })
          : how === "tell"
            ? ref.tell("Told", message)
            : Effect.suspend(() => ref.tellUnsafe("Told", message))
      const fiber = yield* Effect.forkChild(sending, { startImmediately: true })
      if ((yield* Random.nextIntBetween(0, 5)) === 0) {
        yield* Effect.sleep(yield* pick("0 millis", "5 millis"))
        yield* Fiber.interrupt(fiber)
      }
      const exit = yield* Fiber.await(fiber)
      if (Exit.isSuccess(exit)) return
      const [reason] = exit.cause.reasons
      const error = reason?._tag === "Fail" ? reason.error : undefined
      if (error instanceof Refused) return
      const isKilled = error instanceof ActorError.ActorStopped && error.reason === "killed"
      const isLate = error instanceof ActorError.AskTimeout
      if (isKilled || isLate || Cause.hasInterrupts(exit.cause)) ledger.abandoned.add(id)
      else ledger.refused.add(id)
    })
  // Who supervises may also restart it for others, and somebody may kill it.
  yield* Effect.forkChild(
    Effect.gen(function* () {
      yield* Effect.sleep(yield* pick("0 millis", "5 millis", "15 millis"))
      const does = yield* pick("nothing", "crash before", "crash after", "kill")
      const { after, before } = supervisor.refs
      if (does === "crash before") yield* before.tell("Told", { id: -1, does: "die" })
      if (does === "crash after") yield* after.tell("Told", { id: -1, does: "die" })
      if (does === "kill") yield* Actor.kill(ref)
    })
  )
  yield* Effect.forEach(
    Array.from({ length: 4 }, (_, sender) => sender),
    (sender) =>
      Effect.forEach(
        Array.from({ length: 5 }, (_, n) => sender * 5 + n),
        send,
        { discard: true }
      ),
    { concurrency: "unbounded", discard: true }
  )
  yield* Effect.sleep(yield* pick("0 millis", "30 millis", "2 seconds"))
  const inFlight =
    (cell.mailbox?.size ?? 0) + (cell.life?.aside?.size ?? 0) + (cell.current ? 1 : 0)
  const settled = () => cell.handled + cell.rejected + cell.deadLettered
  assert.strictEqual(cell.offered, settled() + inFlight, "while it lives")
  yield* ActorSystem.stopAll
  assert.strictEqual(cell.offered, settled(), "after it has stopped")
  assert.strictEqual(system.offered, system.handled + system.rejected + system.deadLettered)
  yield* Fiber.join(joined)

  // A handler that was interrupted, or killed, may have been at its very end.
  const dead = new Set<number>()
  const killed = new Set<number>()
  for (const { payload, reason } of yield* (yield* DeadLetters.DeadLetters).all) {
    const { id } = payload as { readonly id: number }
    if (id === -1) continue
    assert.isFalse(dead.has(id) || killed.has(id), `message ${id} is a dead letter twice`)
    if (reason === "killed") killed.add(id)
    else dead.add(id)
  }
  for (const id of ledger.offered) {
    const handled = ledger.handled.get(id) ?? 0
    const told = ledger.refused.has(id) || ledger.abandoned.has(id)
    assert.isAtMost(handled, 1, `message ${id} is handled twice`)
    assert.isFalse(handled === 1 && dead.has(id), `message ${id} is handled, and a dead letter`)
    assert.isFalse(handled === 1 && ledger.refused.has(id), `message ${id} is both`)
    assert.isTrue(handled === 1 || dead.has(id) || killed.has(id) || told, `message ${id} is lost`)
  }
}).pipe(Effect.scoped, Effect.provide(quiet))

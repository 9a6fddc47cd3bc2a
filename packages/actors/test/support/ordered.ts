/** Senders of one actor, whose messages are to be handled one at a time and in their order. */
import { assert } from "@effect/vitest"
import { Effect, Random, Schedule, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, type ActorRef, Behavior, Supervisor } from "@fibra/actors"
import { quiet } from "./system.ts"

const Log = RpcGroup.make(
  Rpc.make("Told", { payload: { sender: Schema.Int, n: Schema.Int } }),
  Rpc.make("Asked", { payload: { sender: Schema.Int, n: Schema.Int } })
)

/** Takes down the order, and whether a handler ran beside another one. */
const recorder = () => {
  const last = new Map<number, number>()
  let running = 0
  let handled = 0
  const handle = (sender: number, n: number, crashes: boolean) =>
    Effect.gen(function* () {
      assert.strictEqual(++running, 1, "two handlers at the same time")
      assert.isAbove(n, last.get(sender) ?? -1, `order of sender ${sender}`)
      last.set(sender, n)
      handled++
      const turns = yield* Random.nextIntBetween(0, 2)
      for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
      running--
      if (crashes && (yield* Random.nextIntBetween(0, 10)) === 0) return yield* Effect.die("bang")
      return [undefined, 0] as const
    })
  const behavior = (crashes: boolean) =>
    Behavior.make(Log, () => Effect.succeed(0), {
      Told: ({ n, sender }) => handle(sender, n, crashes),
      Asked: ({ n, sender }) => handle(sender, n, crashes)
    })
  return { behavior, handled: () => handled }
}

export interface Load {
  readonly senders: number
  readonly messages: number
}

const indexes = (length: number) => Array.from({ length }, (_, index) => index)

/** Each sender sends its messages; then one more is asked. */
const send = (
  ref: ActorRef.ActorRef<RpcGroup.Rpcs<typeof Log>>,
  { messages, senders }: Load
): Effect.Effect<void> =>
  Effect.forEach(
    indexes(senders),
    (sender) =>
      Effect.forEach(
        indexes(messages),
        (n) =>
          n % 3 === 2
            ? Effect.ignore(ref.ask("Asked", { sender, n }, { timeout: Infinity }))
            : Effect.orDie(ref.tell("Told", { sender, n })),
        { discard: true }
      ),
    { concurrency: "unbounded", discard: true }
  ).pipe(
    Effect.andThen(
      Effect.ignore(ref.ask("Asked", { sender: senders, n: 0 }, { timeout: Infinity }))
    )
  )

/** An actor that never crashes. */
export const ordered = (load: Load) =>
  Effect.gen(function* () {
    const { behavior, handled } = recorder()
    const ref = yield* Actor.spawn(behavior(false), { capacity: 4 })
    yield* send(ref, load)
    assert.strictEqual(handled(), load.senders * load.messages + 1)
  }).pipe(Effect.scoped, Effect.provide(quiet))

/** One that crashes, and is started again for itself and for a neighbour. */
export const orderedAcrossCrashes = (load: Load) =>
  Effect.gen(function* () {
    const { behavior, handled } = recorder()
    const backoff = (yield* Random.nextBoolean) ? Schedule.spaced("1 millis") : undefined
    const { refs } = yield* Supervisor.make(
      {
        ref: Supervisor.child(behavior(true), { capacity: 4, shutdown: Infinity }),
        neighbour: recorder().behavior(true)
      },
      { strategy: "one_for_all", intensity: 1000, backoff }
    )
    yield* Effect.forkScoped(send(refs.neighbour, { senders: 1, messages: load.messages }))
    yield* send(refs.ref, load)
    assert.strictEqual(handled(), load.senders * load.messages + 1)
  }).pipe(Effect.scoped, Effect.provide(quiet))

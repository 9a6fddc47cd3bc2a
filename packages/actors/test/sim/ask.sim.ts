import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Effect, Exit, Fiber, Random, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { ActorSystem, Behavior, Supervisor } from "@fibra/actors"
import { sim } from "../support/sim.ts"

class Refused extends Schema.TaggedError<Refused>()("Refused", {}) {}

const Job = { id: Schema.Int, does: Schema.String, millis: Schema.Int }
const Jobs = RpcGroup.make(
  Rpc.make("Run", { payload: Job, success: Schema.Int, error: Refused }),
  Rpc.make("Finish", { payload: Job, success: Schema.Int, error: Refused }).annotate(
    Behavior.Uninterruptible,
    true
  ),
  Rpc.make("Handled", { success: Schema.Int })
)

const pick = <const A>(...from: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, from.length - 1), (index) => from[index]!)

/** What became of each job. */
const makeLedger = () => ({
  begun: new Map<number, number>(),
  finalized: new Map<number, number>(),
  completed: new Set<number>(),
  /** Its asker is over, whatever it was told. */
  gone: new Set<number>(),
  wrong: new Array<string>()
})

const add = (counts: Map<number, number>, id: number) => counts.set(id, (counts.get(id) ?? 0) + 1)

const behavior = (ledger: ReturnType<typeof makeLedger>) => {
  let running = 0
  const run =
    (interruptible: boolean) =>
    (
      { does, id, millis }: { readonly id: number; readonly does: string; readonly millis: number },
      handled: number,
      { stash, unstashAll }: Behavior.ActorContext<RpcGroup.Rpcs<typeof Jobs>>
    ) => {
      if (ledger.gone.has(id)) ledger.wrong.push(`job ${id} begins too late`)
      return Effect.acquireUseRelease(
        Effect.sync(() => {
          if (++running > 1) ledger.wrong.push(`job ${id} runs beside another one`)
          add(ledger.begun, id)
        }),
        () =>
          Effect.gen(function* () {
            if (millis > 0) yield* Effect.sleep(millis)
            if (does === "die") return yield* Effect.die("bang")
            if (does === "stash" && ledger.begun.get(id) === 1) return yield* stash
            if (does === "unstash") yield* unstashAll
            if (does === "fail") return yield* new Refused()
            return yield* Effect.sync(() => {
              if (interruptible && ledger.gone.has(id)) {
                ledger.wrong.push(`job ${id} has a late reply`)
              }
              ledger.completed.add(id)
              return [id, handled + 1] as const
            })
          }),
        () =>
          Effect.sync(() => {
            running--
            add(ledger.finalized, id)
          })
      )
    }
  return Behavior.make(Jobs, () => Effect.succeed(0), {
    Run: run(true),
    Finish: run(false),
    Handled: (_, handled, { unstashAll }) => Effect.as(unstashAll, [handled, handled] as const)
  })
}

describe("asks", () => {
  it.sim(
    "ASK2, ASK3, ASK4, ASK8: whoever gives up an ask stops it, in the mailbox or the handler, and gets no late reply",
    sim(() =>
      Effect.gen(function* () {
        const ledger = makeLedger()
        const { refs } = yield* Supervisor.make(
          { jobs: Supervisor.child(behavior(ledger), { capacity: 3 }) },
          { intensity: 100 }
        )
        const ask = (id: number) =>
          Effect.gen(function* () {
            const does = yield* pick("work", "work", "fail", "die", "stash", "unstash")
            const millis = yield* pick(0, 0, 1, 2, 5)
            const tag = yield* pick("Run", "Run", "Finish")
            const timeout = yield* pick("0 millis", "2 millis", "4 millis", "1 second")
            const asking = yield* refs.jobs.ask(tag, { id, does, millis }, { timeout }).pipe(
              Effect.onExit(() => Effect.sync(() => ledger.gone.add(id))),
              Effect.forkChild({ startImmediately: yield* Random.nextBoolean })
            )
            const patience = yield* pick(undefined, undefined, 0, 1, 3)
            if (patience !== undefined) {
              yield* Effect.sleep(patience)
              yield* Fiber.interrupt(asking)
            }
            const exit = yield* Fiber.await(asking)
            if (Exit.isSuccess(exit)) {
              assert.strictEqual(exit.value, id, "the reply of another one")
              assert.isTrue(ledger.completed.has(id))
              return
            }
            const [reason] = exit.cause.reasons
            const error = reason?._tag === "Fail" ? reason.error : undefined
            if (error?._tag === "ActorStopped") assert.strictEqual(error.reason, "crashed")
            if (error?._tag === "Refused") assert.strictEqual(does, "fail")
          })
        yield* Effect.forEach(
          Array.from({ length: 12 }, (_, id) => id),
          ask,
          {
            concurrency: 6,
            discard: true
          }
        )
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(ledger.wrong, [])
        // What is over was finalized as often as it began, and the actor goes on.
        assert.deepStrictEqual(ledger.finalized, ledger.begun)
        yield* refs.jobs.ask("Handled")
        const [jobs] = yield* ActorSystem.snapshot
        const { deadLettered, handled, offered, queued, rejected } = jobs!.counts
        assert.strictEqual(queued, 0)
        assert.strictEqual(offered, handled + rejected + deadLettered)
      })
    ),
    { seeds: 1000 }
  )
})

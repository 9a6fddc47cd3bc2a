/**
 * A bank whose accounts crash at random, in the middle of transfers, and whose money is conserved.
 *
 * What an actor has in memory is gone when it crashes; what is in the vault is not. So an account
 * writes to the vault what it did, by the id of the transfer, before it answers: when it crashes
 * there, the bank asks the next incarnation again, and the same id moves no money twice.
 *
 * Run it: `node --conditions=@fibra/source examples/bank.ts`
 */
import assert from "node:assert/strict"
import { Effect, Layer, Logger, Random, Schedule, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { type ActorRef, ActorSystem, Behavior, DeadLetters, Supervisor } from "@fibra/actors"
import { Task } from "@fibra/tasks"

class Overdrawn extends Schema.TaggedError<Overdrawn>("Overdrawn")("Overdrawn", {
  short: Schema.Int
}) {}

const Add = Rpc.make("Add", {
  payload: { transfer: Schema.String, amount: Schema.Int },
  error: Overdrawn
})
const Account = RpcGroup.make(Add)

const vault = new Map<string, { readonly balance: number; readonly done: ReadonlySet<string> }>()
let crashes = 0

const mayCrash = Effect.flatMap(Random.next, (chance) =>
  chance < 0.9 ? Effect.void : Effect.die(`crash ${++crashes}`)
)

const account = (name: string) =>
  Behavior.make(Account, () => Effect.sync(() => vault.get(name)!), {
    Add: ({ amount, transfer }, state) =>
      Effect.gen(function* () {
        yield* mayCrash
        if (state.done.has(transfer)) return [undefined, state] as const
        const balance = state.balance + amount
        if (balance < 0) return yield* new Overdrawn({ short: -balance })
        const next = { balance, done: new Set(state.done).add(transfer) }
        vault.set(name, next)
        yield* mayCrash
        return [undefined, next] as const
      })
  })

type Ref = ActorRef.ActorRef<typeof Add>
const add = (ref: Ref, transfer: string, amount: number) =>
  Effect.retry(ref.ask("Add", { transfer, amount }), {
    while: ({ _tag }) => _tag === "ActorStopped",
    schedule: Schedule.recurs(100)
  })

const move = (transfer: string, from: Ref, to: Ref, amount: number) =>
  add(from, transfer, -amount).pipe(
    Effect.andThen(add(to, transfer, amount)),
    Effect.catchTag("Overdrawn", () => Effect.void) // nothing has been moved
  )

const program = Effect.gen(function* () {
  const names = ["alice", "bob", "carol"]
  for (const name of names) vault.set(name, { balance: 100, done: new Set() })
  const children = Object.fromEntries(names.map((name) => [name, account(name)]))
  const { refs } = yield* Supervisor.make(children, { intensity: 10_000, period: "1 minute" })

  const transfers = yield* Effect.forEach(Array.from({ length: 500 }), (_, id) =>
    Effect.gen(function* () {
      const [from, to] = yield* Random.shuffle(names)
      return move(`transfer ${id}`, refs[from!]!, refs[to!]!, yield* Random.nextIntBetween(1, 60))
    })
  )
  yield* Task.gather(transfers, { concurrency: 50 })

  const balances = names.map((name) => vault.get(name)!.balance)
  assert.equal(
    balances.reduce((sum, balance) => sum + balance),
    300
  )
  assert.ok(balances.every((balance) => balance >= 0))
  const { crashed } = yield* Effect.flatMap(DeadLetters.DeadLetters, ({ counts }) => counts)
  assert.ok(crashes > 50)
  assert.equal(crashed, crashes, "each message that crashed an account is a dead letter")
  console.log(
    `${transfers.length} transfers, ${crashes} crashes, and ${balances.join(" + ")} = 300`
  )
})

const quiet = Logger.layer([]) // 100 crashes are 100 lines in the log
await Effect.runPromise(
  program.pipe(Effect.scoped, Effect.provide(ActorSystem.layer.pipe(Layer.provideMerge(quiet))))
)

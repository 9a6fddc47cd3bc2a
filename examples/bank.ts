/**
 * A bank of actors that crash at random, and whose money is conserved all the same.
 *
 * What survives a crash is in the books; an actor that is started again goes on from there. Who asked
 * is told of the crash, but not whether the money was booked before it: so it asks again, and what is
 * booked already is not booked twice.
 *
 * Run it: `node --conditions=@fibra/source examples/bank.ts`
 */
import assert from "node:assert/strict"
import { Effect, Layer, Random, References, Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { type ActorRef, ActorSystem, Behavior, DeadLetters, Supervisor } from "@fibra/actors"

const names = ["Ada", "Grace", "Barbara", "Frances"]
const books = new Map(names.map((name) => [name, { balance: 100, booked: new Set<number>() }]))

class Overdrawn extends Schema.TaggedError<Overdrawn>("Overdrawn")("Overdrawn", {}) {}
const Account = RpcGroup.make(
  Rpc.make("Book", { payload: { id: Schema.Int, amount: Schema.Int }, error: Overdrawn })
)
type Account = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Account>>

const mayCrash = Effect.flatMap(Random.next, (dice) =>
  dice < 0.1 ? Effect.die(new Error("the computer is on fire")) : Effect.void
)

const account = (name: string) =>
  Behavior.make(Account, () => Effect.sync(() => books.get(name)!), {
    Book: ({ amount, id }, book) =>
      Effect.gen(function* () {
        yield* mayCrash
        if (!book.booked.has(id)) {
          if (book.balance + amount < 0) return yield* new Overdrawn()
          book.balance += amount
          book.booked.add(id)
        }
        yield* mayCrash
        return [undefined, book] as const
      })
  })

const book = (ref: Account, id: number, amount: number) =>
  Effect.retry(ref.ask("Book", { id, amount }), { while: ({ _tag }) => _tag === "ActorStopped" })

const bank = Supervisor.run(
  Object.fromEntries(names.map((name) => [name, account(name)])),
  ({ refs }) => {
    const transfer = (id: number) =>
      Effect.gen(function* () {
        const [from, to] = yield* Random.shuffle(names)
        const amount = yield* Random.nextIntBetween(1, 30)
        yield* book(refs[from!]!, id, -amount)
        yield* book(refs[to!]!, id, amount)
        return true
      }).pipe(Effect.catchTag("Overdrawn", () => Effect.succeed(false)))
    const ids = Array.from({ length: 1000 }, (_, id) => id)
    return Effect.forEach(ids, transfer, { concurrency: 50 })
  },
  { name: "bank", intensity: 1000, countPer: "child" }
)

const program = Effect.gen(function* () {
  const done = yield* bank
  const crashes = (yield* (yield* DeadLetters.DeadLetters).counts).crashed
  const total = [...books.values()].reduce((sum, { balance }) => sum + balance, 0)
  assert.equal(total, names.length * 100)
  assert.ok(crashes > 0)
  console.log(`${done.filter(Boolean).length} of ${done.length} transfers, ${crashes} crashes`)
  console.log(`there was and there is ${total} in the bank`)
})
const quiet = Layer.succeed(References.UnhandledLogLevel, undefined)
await Effect.runPromise(Effect.provide(program, Layer.provide(ActorSystem.layer, quiet)))

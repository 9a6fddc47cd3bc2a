import { describe, expectTypeOf, it } from "vitest"
import { Context, Effect, type Exit, Schema, type Scope } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Actor, type ActorError, type ActorRef, type ActorSystem, Behavior } from "@fibra/actors"

class Overdrawn extends Schema.TaggedError<Overdrawn>()("Overdrawn", {
  short: Schema.Int
}) {}
class NoFile extends Schema.TaggedError<NoFile>()("NoFile", {}) {}
class Sink extends Context.Service<
  Sink,
  { readonly write: (line: string) => Effect.Effect<void> }
>()("Sink") {}
class Rates extends Context.Service<Rates, number>()("Rates") {}

const Deposit = Rpc.make("Deposit", { payload: { n: Schema.Int }, success: Schema.Int })
const Withdraw = Rpc.make("Withdraw", {
  payload: { n: Schema.Int },
  success: Schema.Int,
  error: Overdrawn
})
const Close = Rpc.make("Close")
const Account = RpcGroup.make(Deposit, Withdraw, Close)
type AccountRef = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Account>>
declare const ref: AccountRef

const done = Effect.succeed([undefined, 0] as const)
const handlers = {
  Deposit: ({ n }: { readonly n: number }, state: number) =>
    Effect.as(Rates, [n, state + n] as const),
  Withdraw: ({ n }: { readonly n: number }, state: number) =>
    n > state ? Effect.fail(new Overdrawn({ short: n })) : Effect.succeed([n, state - n] as const),
  Close: () => done
}
const init = () => Effect.succeed(0)
type AskError =
  | ActorError.MailboxFull
  | ActorError.ActorStopped
  | ActorError.AskTimeout
  | ActorError.AskCycle

describe("types", () => {
  it("TYP1: a message is sent with its tag and its payload, which may be left out where it has none", () => {
    expectTypeOf(() => ref.tell("Deposit", { n: 1 })).returns.toEqualTypeOf<
      Effect.Effect<void, ActorError.MailboxFull>
    >()
    expectTypeOf(() => ref.tellUnsafe("Close")).returns.toEqualTypeOf<
      Exit.Exit<void, ActorError.MailboxFull>
    >()
    expectTypeOf(() => ref.ask("Close", undefined, { timeout: "1 second" })).toBeFunction()
    // @ts-expect-error there is no such message
    expectTypeOf(() => ref.tell("Desposit", { n: 1 })).toBeFunction()
    // @ts-expect-error n is a number
    expectTypeOf(() => ref.tell("Deposit", { n: "1" })).toBeFunction()
    // @ts-expect-error the payload is missing
    expectTypeOf(() => ref.ask("Deposit")).toBeFunction()
    // @ts-expect-error a tell has no timeout
    expectTypeOf(() => ref.tell("Deposit", { n: 1 }, { timeout: "1 second" })).toBeFunction()
  })

  it("TYP2: an ask has the reply and the error of its message", () => {
    expectTypeOf(() => ref.ask("Deposit", { n: 1 })).returns.toEqualTypeOf<
      Effect.Effect<number, AskError>
    >()
    expectTypeOf(() => ref.ask("Withdraw", { n: 1 })).returns.toEqualTypeOf<
      Effect.Effect<number, Overdrawn | AskError>
    >()
    expectTypeOf(() => ref.ask("Close")).returns.toEqualTypeOf<Effect.Effect<void, AskError>>()
  })

  it("TYP3: every message has a handler, and every handler a message", () => {
    expectTypeOf(() => Behavior.make(Account, init, handlers)).toBeFunction()
    const { Close: _, ...missing } = handlers
    // @ts-expect-error Close has no handler
    expectTypeOf(() => Behavior.make(Account, init, missing)).toBeFunction()
    const extra = { ...handlers, Open: () => done }
    // @ts-expect-error there is no message Open
    expectTypeOf(() => Behavior.make(Account, init, extra)).toBeFunction()
  })

  it("TYP4: a handler takes and gives what its message says, and the state that init makes", () => {
    const wrong = {
      reply: { ...handlers, Deposit: () => Effect.succeed(["1", 0] as const) },
      error: { ...handlers, Deposit: () => Effect.fail(new Overdrawn({ short: 1 })) },
      state: { ...handlers, Close: () => Effect.succeed([undefined, "0"] as const) },
      payload: {
        ...handlers,
        Deposit: ({ m }: { readonly m: number }) => Effect.succeed([m, 0] as const)
      }
    }
    // @ts-expect-error the reply is a number
    expectTypeOf(() => Behavior.make(Account, init, wrong.reply)).toBeFunction()
    // @ts-expect-error Deposit declares no error
    // @effect-diagnostics-next-line missingEffectError:off
    expectTypeOf(() => Behavior.make(Account, init, wrong.error)).toBeFunction()
    // @ts-expect-error the state is a number
    expectTypeOf(() => Behavior.make(Account, init, wrong.state)).toBeFunction()
    // @ts-expect-error Deposit has no m
    expectTypeOf(() => Behavior.make(Account, init, wrong.payload)).toBeFunction()
    // @ts-expect-error the handlers take a number
    expectTypeOf(() => Behavior.make(Account, () => Effect.succeed("0"), handlers)).toBeFunction()
  })

  it("TYP4: parameters of handlers need no types of their own", () => {
    expectTypeOf(() =>
      Behavior.make(Account, () => Effect.succeed({ balance: 0 }), {
        Deposit: ({ n }, state, { self }) => {
          expectTypeOf(n).toEqualTypeOf<number>()
          expectTypeOf(state).toEqualTypeOf<{ balance: number }>()
          expectTypeOf(self).toEqualTypeOf<AccountRef>()
          return Effect.succeed([n, { balance: state.balance + n }] as const)
        },
        Withdraw: ({ n }, state) => Effect.succeed([n, state] as const),
        Close: (_, state) => Effect.succeed([undefined, state] as const)
      })
    ).toBeFunction()
  })

  it("TYP5: a spawn fails as init does, and needs what init and all handlers need", () => {
    const behavior = Behavior.make(
      Account,
      () => Effect.andThen(Sink, Effect.andThen(Effect.scope, failing)),
      handlers
    )
    expectTypeOf(() => Actor.spawn(behavior)).returns.toEqualTypeOf<
      Effect.Effect<AccountRef, NoFile, Sink | Rates | Scope.Scope | ActorSystem.ActorSystem>
    >()
    const parent = Behavior.make(RpcGroup.make(), ({ spawn }) => spawn(behavior), {})
    expectTypeOf(() => Actor.spawn(parent)).returns.toEqualTypeOf<
      Effect.Effect<
        ActorRef.ActorRef<never>,
        NoFile,
        Sink | Rates | Scope.Scope | ActorSystem.ActorSystem
      >
    >()
  })

  it("TYP6: an address can be given to whoever sends fewer messages, and not to who sends more", () => {
    expectTypeOf<AccountRef>().toExtend<ActorRef.ActorRef<typeof Deposit | typeof Close>>()
    expectTypeOf<ActorRef.ActorRef<typeof Deposit>>().not.toExtend<AccountRef>()
  })

  it("TYP7: messages of an actor to itself are messages of its protocol", () => {
    const behavior = (use: (context: Behavior.ActorContext<typeof Deposit>) => unknown) => use
    expectTypeOf(() =>
      behavior(({ timer }) => timer("t", { every: "1 second" }, "Deposit", { n: 1 }))
    ).toBeFunction()
    expectTypeOf(() =>
      behavior(({ watch }) => watch(ref, "Deposit", ({ id }) => ({ n: id })))
    ).toBeFunction()
    expectTypeOf(() =>
      // @ts-expect-error Withdraw is no message of this actor
      behavior(({ timer }) => timer("t", { after: 1 }, "Withdraw", { n: 1 }))
    ).toBeFunction()
    expectTypeOf(() =>
      // @ts-expect-error n is a number
      behavior(({ receiveTimeout }) => receiveTimeout(1, "Deposit", { n: "1" }))
    ).toBeFunction()
    expectTypeOf(() =>
      // @ts-expect-error a path is no number
      behavior(({ watch }) => watch(ref, "Deposit", ({ path }) => ({ n: path })))
    ).toBeFunction()
  })

  it("TYP8: a message whose reply is a stream has no handler that fits", () => {
    const Feed = RpcGroup.make(Rpc.make("Feed", { success: Schema.Int, stream: true }))
    const feed = { Feed: () => Effect.succeed([1, 0] as const) }
    // @ts-expect-error streams are not replies of actors
    expectTypeOf(() => Behavior.make(Feed, init, feed)).toBeFunction()
  })
})

declare const failing: Effect.Effect<number, NoFile>

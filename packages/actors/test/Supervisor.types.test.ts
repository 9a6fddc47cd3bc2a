import { Context, Effect, Schema, type Scope } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { describe, expectTypeOf, it } from "vitest"
import { type ActorRef, type ActorSystem, Behavior, Supervisor } from "@fibra/actors"

class Disk extends Context.Service<Disk, { readonly free: number }>()("test/Disk") {}
class Net extends Context.Service<Net, { readonly speed: number }>()("test/Net") {}

const Ping = Rpc.make("Ping", { success: Schema.Int })
const Pong = Rpc.make("Pong", { payload: { n: Schema.Int } })
const pinger = Behavior.make(RpcGroup.make(Ping), () => Effect.fail("no ping" as const), {
  Ping: (_, state) => Effect.map(Net, ({ speed }) => [speed, state] as const)
})
const ponger = Behavior.make(RpcGroup.make(Pong), () => Effect.as(Disk, 0), {
  Pong: () => Effect.succeed([undefined, 0] as const)
})
const inner = { ponger: Supervisor.child(ponger, { type: "transient" }) }
const children = {
  pinger,
  inner: Supervisor.nested(inner)
}

describe("Supervisor types", () => {
  it("SUP17: the addresses, errors and services of a supervisor are those of its children", () => {
    const made = () => Supervisor.make(children)
    expectTypeOf<Effect.Success<ReturnType<typeof made>>["refs"]>().toEqualTypeOf<{
      readonly pinger: ActorRef.ActorRef<typeof Ping>
      readonly inner: Supervisor.Handle<typeof inner>
    }>()
    expectTypeOf<Supervisor.Refs<typeof inner>>().toEqualTypeOf<{
      readonly ponger: ActorRef.ActorRef<typeof Pong>
    }>()
    expectTypeOf<Effect.Error<ReturnType<typeof made>>>().toEqualTypeOf<
      Supervisor.StartFailed<"no ping">
    >()
    expectTypeOf<Effect.Services<ReturnType<typeof made>>>().toEqualTypeOf<
      Disk | Net | Scope.Scope | ActorSystem.ActorSystem
    >()
  })

  it("SUP17: run has the errors and services of its body as well, and no Scope", () => {
    const program = () =>
      Supervisor.run(children, ({ refs }) =>
        Effect.andThen(refs.pinger.ask("Ping"), Effect.fail(1))
      )
    expectTypeOf<Effect.Services<ReturnType<typeof program>>>().toEqualTypeOf<
      Disk | Net | ActorSystem.ActorSystem
    >()
    type Error = Effect.Error<ReturnType<typeof program>>
    expectTypeOf<
      number | Supervisor.StartFailed<"no ping"> | Supervisor.RestartIntensityExceeded
    >().toExtend<Error>()
  })

  it("SUP17: a child that is added has its own errors and services", () => {
    const added = (supervisor: Supervisor.Supervisor<{}>) => supervisor.startChild(pinger)
    type Added = ReturnType<typeof added>
    expectTypeOf<Effect.Success<Added>>().toEqualTypeOf<ActorRef.ActorRef<typeof Ping>>()
    expectTypeOf<Effect.Services<Added>>().toEqualTypeOf<Net>()
    expectTypeOf<Effect.Error<Added>>().toEqualTypeOf<
      Supervisor.StartFailed<"no ping"> | Supervisor.NameTaken | Supervisor.SupervisorStopped
    >()
  })

  it("SUP17: what is no behaviour, and what is no option, is refused", () => {
    // @ts-expect-error an effect is no behaviour
    expectTypeOf(() => Supervisor.make({ a: Effect.void })).toBeFunction()
    // @ts-expect-error there is no such type of child
    expectTypeOf(() => Supervisor.child(ponger, { type: "forever" })).toBeFunction()
    // @ts-expect-error there is no such strategy
    expectTypeOf(() => Supervisor.make(children, { strategy: "all" })).toBeFunction()
  })
})

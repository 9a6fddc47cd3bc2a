/** Plays a scenario on real supervisors and actors, and tells it in the words of the recording. */
import { Effect, Exit, Fiber, Schema, Scope } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { type ActorRef, type ActorSystem, Behavior, Supervisor } from "@fibra/actors"
import type { Child } from "../../src/internal/childSpec.ts"
import { requestKill, requestStop } from "../../src/internal/lifecycle.ts"
import { cellOf } from "../../src/internal/localRef.ts"
import type { ChildSpec, How, Scenario, Step } from "./scenarios.ts"

const Messages = RpcGroup.make(
  Rpc.make("Exit", { payload: { how: Schema.Literals(["normal", "error"]) } }),
  Rpc.make("IgnoreStop")
)
type Ref = ActorRef.ActorRef<RpcGroup.Rpcs<typeof Messages>>

/** Everything that could happen has happened when time passes on a virtual clock. */
const settle = Effect.sleep("1 millis")

/** Children of any kind need services of any kind: these here need none. */
export const play = (scenario: Scenario) =>
  playing(scenario) as Effect.Effect<string, unknown, ActorSystem.ActorSystem>

const playing = Effect.fnUntraced(function* (scenario: Scenario) {
  const log: Array<string> = []
  const failing = new Map(Object.entries(scenario.fails))
  const refs = new Map<string, Ref>()
  const leaving = new Set<string>()

  const fails = (name: string): boolean => {
    const left = failing.get(name)
    if (left === undefined || left === 0 || (left !== "now" && !refs.has(name))) return false
    failing.set(name, left === "now" ? 0 : left - 1)
    return true
  }

  const behavior = (name: string) =>
    Behavior.make(
      Messages,
      (context) =>
        Effect.gen(function* () {
          const failed = fails(name)
          log.push(failed ? `init of ${name} fails` : `start ${name}`)
          refs.set(name, context.self)
          if (failed) return yield* Effect.die("init")
          yield* Effect.addFinalizer((exit) =>
            Effect.sync(() => {
              if (!leaving.delete(name) && Exit.isSuccess(exit)) log.push(`stop ${name}`)
            })
          )
        }),
      {
        Exit: ({ how }, state, context) =>
          how === "error"
            ? Effect.die("error")
            : Effect.as(context.stop, [undefined, state] as const),
        IgnoreStop: () =>
          Effect.onInterrupt(Effect.never, () =>
            Effect.sync(() => log.push(`${name} ignores its stop`))
          )
      }
    )

  const describe = ({ inner, manner, name, type }: ChildSpec): Child => {
    if (inner !== undefined) {
      return Supervisor.nested(record(inner.children), { intensity: inner.intensity, type })
    }
    const shutdown =
      manner === "brutal_kill" ? "kill" : manner === undefined ? "1 second" : "50 millis"
    return Supervisor.child(behavior(name), { type, shutdown })
  }
  const record = (children: ReadonlyArray<ChildSpec>): Record<string, Child> =>
    Object.fromEntries(children.map((spec) => [spec.name, describe(spec)]))

  const exit = (name: string, how: How) => {
    const ref = refs.get(name)!
    log.push(how === "kill" ? `kill ${name}` : `exit ${name} ${how}`)
    if (how === "kill") return Effect.sync(() => requestKill(cellOf(ref)!))
    leaving.add(name)
    // What asks a process to shut down is, for an actor, a stop from outside.
    if (how === "shutdown") return Effect.sync(() => requestStop(cellOf(ref)!))
    return ref.tell("Exit", { how: how === "error" ? "error" : "normal" })
  }

  const scope = yield* Scope.make()
  const { children, intensity, period, strategy } = scenario
  const made = yield* Effect.exit(
    Supervisor.make(record(children), { strategy, intensity, period: `${period} millis` }).pipe(
      Effect.provideService(Scope.Scope, scope)
    )
  )
  if (Exit.isFailure(made)) {
    const [reason] = made.cause.reasons
    const error = reason?._tag === "Fail" ? reason.error : undefined
    log.push(`supervisor does not start: ${error?.child.split("/").at(-1)} failed to start`)
    yield* Scope.close(scope, Exit.void)
    return log.join(", ")
  }
  const supervisor = made.value
  const join = yield* Effect.forkChild(supervisor.join)
  log.push("supervisor started")
  for (const { name, manner } of children) {
    if (manner === "ignores its stop") yield* refs.get(name)!.tell("IgnoreStop")
  }
  yield* settle

  const take = Effect.fnUntraced(function* (step: Step) {
    if (step.do === "exit") yield* exit(step.name, step.how)
    else if (step.do === "sleep") yield* Effect.sleep(`${step.millis} millis`)
    else if (step.do === "remove") yield* supervisor.stopChild(step.name)
    else if (step.do === "stop") yield* Scope.close(scope, Exit.void)
    else {
      const added = yield* Effect.exit(supervisor.startChild(behavior(step.name), step.name))
      const [reason] = Exit.isFailure(added) ? added.cause.reasons : []
      const error = reason?._tag === "Fail" ? reason.error._tag : undefined
      if (error !== undefined) {
        log.push(error === "NameTaken" ? "refused already_started" : "refused")
      }
    }
  })
  for (const step of scenario.steps) {
    yield* take(step)
    yield* settle
    // A child that ignores its stop is waited for.
    if (children.some(({ manner }) => manner !== undefined)) yield* Effect.sleep("1 second")
  }
  if (join.pollUnsafe() !== undefined) log.push("supervisor exits with shutdown")
  else {
    const up = (yield* supervisor.children).filter(({ status }) => status === "running")
    log.push(["supervisor lives with", ...up.map(({ name }) => name)].join(" "))
  }
  const told = log.join(", ")
  yield* Scope.close(scope, Exit.void)
  yield* Effect.exit(Fiber.join(join))
  return told
})

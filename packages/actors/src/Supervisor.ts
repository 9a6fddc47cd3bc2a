/**
 * Who starts actors, starts them again when they crash, and stops them in order.
 *
 * Strategies, child types, restart intensity and the order of starts and stops are those of Erlang's
 * OTP, with which tests compare them. Different are: an actor keeps its address and its mailbox when
 * it is started again; restarts may wait for a backoff; an actor that has ended in good order is gone,
 * also when its neighbours are restarted; and a supervisor that gives up has crashed for the one above
 * it, where in OTP it has shut down.
 *
 * @since 0.1.0
 */
import { Task } from "@fibra/tasks"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import type * as Scope from "effect/Scope"
import { ActorSystem } from "./ActorSystem.ts"
import type { Behavior } from "./Behavior.ts"
import type * as Spec from "./internal/childSpec.ts"
import { pathOf } from "./internal/cell.ts"
import { CurrentFrame } from "./internal/frames.ts"
import type { RestartIntensityExceeded, StartFailed } from "./internal/supervisorErrors.ts"
import * as Tree from "./internal/tree.ts"

/**
 * How children, and supervisors, are described; and the types that follow from it.
 *
 * @since 0.1.0
 */
export type {
  ActorSpec,
  Child,
  ChildOptions,
  Children,
  ChildStatus,
  Failure,
  Handle,
  Options,
  Ref,
  Refs,
  Restart,
  Services,
  SupervisorSpec
} from "./internal/childSpec.ts"

/**
 * Whom a supervisor restarts, and when.
 *
 * @since 0.1.0
 */
export type { ChildType, Strategy } from "./internal/restartPlan.ts"

/**
 * Defect: the number of restarts, or the period in which they are counted, makes no sense.
 *
 * @since 0.1.0
 */
export { InvalidIntensity } from "./internal/intensity.ts"

/**
 * A supervisor has given up: a child was to be restarted once more than it allows, or its backoff has
 * come to its end.
 *
 * @since 0.1.0
 */
export { RestartIntensityExceeded } from "./internal/supervisorErrors.ts"

/**
 * Defect: a name that a child cannot have. Names form paths, and stand in order in a record.
 *
 * @since 0.1.0
 */
export { InvalidChildName } from "./internal/tree.ts"

/**
 * A child did not start: its `init` failed or died. Nothing is left of it.
 *
 * @since 0.1.0
 */
export { StartFailed } from "./internal/supervisorErrors.ts"

/**
 * The supervisor has a child of this name.
 *
 * @since 0.1.0
 */
export { NameTaken } from "./internal/supervisorErrors.ts"

/**
 * The supervisor takes no children now: it has stopped or given up, or is being restarted itself.
 *
 * @since 0.1.0
 */
export { SupervisorStopped } from "./internal/supervisorErrors.ts"

/**
 * A running supervisor. It lives as long as the Scope that it was made in, or until it gives up.
 *
 * @since 0.1.0
 */
export interface Supervisor<C> extends Spec.Handle<C> {
  /**
   * Waits until the supervisor has stopped, with its Scope or its system, or fails when it has given
   * up. Where nobody waits, giving up is a defect of the Scope's exit.
   */
  readonly join: Effect.Effect<void, RestartIntensityExceeded>
}

/**
 * Describes an actor as a child that is not made by the defaults.
 *
 * @since 0.1.0
 */
export const child = <P extends Rpc.Any, E, R>(
  behavior: Behavior<P, E, R>,
  options: Spec.ChildOptions
): Spec.ActorSpec<P, E, R> => ({ behavior, options })

/**
 * Describes a supervisor as a child of another one.
 *
 * When it gives up it has crashed, and the supervisor above it decides: restarted, it has the children
 * that it was described with, and has counted no restarts yet.
 *
 * @since 0.1.0
 */
export const nested = <const C extends Spec.Children>(
  children: C,
  options: Spec.Options & Spec.Restart = {}
): Spec.SupervisorSpec<C> => ({ children, options })

/**
 * Starts a supervisor with its children, from the first to the last, each when the one before is up.
 * It lives as long as the Scope: closing that stops the children from the last to the first.
 *
 * Fails with `StartFailed` when a child fails to start; those that are up by then are stopped.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Counter = RpcGroup.make(
 *   Rpc.make("Add", { payload: { n: Schema.Int }, success: Schema.Int }),
 *   Rpc.make("Crash")
 * )
 * const counter = Behavior.make(Counter, () => Effect.succeed(0), {
 *   Add: ({ n }, total) => Effect.succeed([total + n, total + n] as const),
 *   Crash: () => Effect.die("a bug")
 * })
 * const program = Effect.gen(function*() {
 *   const { refs } = yield* Supervisor.make({
 *     main: counter,
 *     spare: Supervisor.child(counter, { type: "transient", backoff: Schedule.exponential(50) })
 *   })
 *   yield* refs.main.ask("Add", { n: 1 }) // => 1
 *   yield* refs.main.tell("Crash")
 *   return yield* refs.main.ask("Add", { n: 2 })
 * })
 * const quiet = Layer.succeed(References.UnhandledLogLevel, undefined)
 * yield* Effect.provide(program, Layer.provide(ActorSystem.layer, quiet)) // => 2
 * ```
 *
 * @since 0.1.0
 */
export const make = <const C extends Spec.Children>(
  children: C,
  options: Spec.Options & { readonly name?: string | undefined } = {}
): Effect.Effect<
  Supervisor<C>,
  StartFailed<Spec.Failure<C[keyof C]>>,
  Spec.Services<C[keyof C]> | Scope.Scope | ActorSystem
> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const services = yield* Effect.context<never>()
      const system = yield* ActorSystem
      const frame = yield* CurrentFrame
      // Hazard: a system that closes from here on has to know of this one, up to the last step.
      if (system.isClosed) return yield* Effect.interrupt
      const above = frame === undefined ? "" : pathOf(frame.cell)
      const path = `${above}/${options.name ?? "supervisor"}`
      const over = Deferred.makeUnsafe<void, RestartIntensityExceeded>()
      const tree = Tree.make(system, path, options, {
        isLast: true,
        gaveUp: (error) => Deferred.doneUnsafe(over, Exit.fail(error))
      })
      const refs = Tree.addAll(tree, services, frame, children) as Spec.Refs<C>
      const { supervision } = tree
      let joins = 0
      const halt = Effect.andThen(
        Effect.callback<void>((resume) => supervision.halt(true, () => resume(Effect.void))),
        Effect.asVoid(Deferred.succeed(over, undefined))
      )
      system.supervisors.add(halt)
      yield* Effect.addFinalizer(() =>
        Effect.gen(function* () {
          yield* halt
          system.supervisors.delete(halt)
          if (joins === 0) yield* Effect.orDie(Deferred.await(over))
        })
      )
      const start = Effect.callback<Exit.Exit<void, unknown>>((resume) =>
        supervision.start((exit) => resume(Effect.succeed(exit)))
      )
      const exit = yield* Effect.onInterrupt(restore(start), () => halt)
      if (Exit.isFailure(exit)) {
        return yield* exit as Exit.Exit<never, StartFailed<Spec.Failure<C[keyof C]>>>
      }
      return {
        ...Tree.handle(tree, refs),
        join: Effect.suspend(() => {
          joins++
          return Effect.onInterrupt(Deferred.await(over), () => Effect.sync(() => joins--))
        })
      }
    })
  )

/**
 * Runs `body` with a supervisor, which is stopped at its end. When the supervisor gives up, `body` is
 * interrupted, and this fails.
 *
 * ```ts
 * import { Rpc, RpcGroup } from "effect/rpc"
 * const Broken = RpcGroup.make(Rpc.make("Go"))
 * const broken = Behavior.make(Broken, () => Effect.void, { Go: () => Effect.die("a bug") })
 * const program = Supervisor.run(
 *   { broken },
 *   ({ refs }) => Effect.andThen(refs.broken.tell("Go"), Effect.never),
 *   { intensity: 0 }
 * )
 * const quiet = Layer.succeed(References.UnhandledLogLevel, undefined)
 * const error = yield* Effect.flip(Effect.provide(program, Layer.provide(ActorSystem.layer, quiet)))
 * error._tag // => "RestartIntensityExceeded"
 * ```
 *
 * @since 0.1.0
 */
export const run = <const C extends Spec.Children, A, E, R>(
  children: C,
  body: (supervisor: Supervisor<C>) => Effect.Effect<A, E, R>,
  options: Spec.Options & { readonly name?: string | undefined } = {}
): Effect.Effect<
  A,
  E | StartFailed<Spec.Failure<C[keyof C]>> | RestartIntensityExceeded,
  Exclude<R | Spec.Services<C[keyof C]>, Scope.Scope> | ActorSystem
> =>
  Effect.scoped(
    Effect.gen(function* () {
      const supervisor: Supervisor<C> = yield* make<C>(children, options)
      const failed = Effect.andThen(supervisor.join, Effect.never)
      return yield* Task.race<Effect.Effect<A, E | RestartIntensityExceeded, R>>([
        Effect.suspend(() => body(supervisor)),
        failed
      ])
    })
  )

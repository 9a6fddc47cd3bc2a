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
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
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
import type { ChildType } from "./internal/restartPlan.ts"
import type { Child } from "./internal/supervision.ts"
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
  Failure,
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
export class NameTaken extends Data.TaggedError("NameTaken")<{
  /** The path of the supervisor. */
  readonly supervisor: string
  readonly child: string
}> {
  override get message(): string {
    return `${this.supervisor} has a child "${this.child}" already: take another name, or stop that one first`
  }
}

/**
 * The supervisor takes no children any more: it was stopped, or has given up.
 *
 * @since 0.1.0
 */
export class SupervisorStopped extends Data.TaggedError("SupervisorStopped")<{
  /** The path of the supervisor. */
  readonly supervisor: string
}> {
  override get message(): string {
    return `${this.supervisor} has stopped, and starts no children`
  }
}

/**
 * A running supervisor. It lives as long as the Scope that it was made in, or until it gives up.
 *
 * @since 0.1.0
 */
export interface Supervisor<C> {
  readonly path: string
  /** The addresses of the children that it was made with, by their names. */
  readonly refs: Spec.Refs<C>
  /**
   * Starts one more child, after all others; returns when its `init` is done. One that fails to start
   * is no restart, and is gone. Without a name it is called by its number. When the supervisor itself
   * is restarted by the one above it, the child is not.
   *
   * Interrupting it stops the child.
   */
  startChild<const D extends Spec.Child>(
    child: D,
    name?: string
  ): Effect.Effect<
    Spec.Ref<D>,
    StartFailed<Spec.Failure<D>> | NameTaken | SupervisorStopped,
    Spec.Services<D>
  >
  /** Stops a child for good, and waits for that. False if there is no child of this name. */
  stopChild(name: string): Effect.Effect<boolean>
  /** What children there are now, in order of their start. */
  readonly children: Effect.Effect<ReadonlyArray<ChildStatus>>
  /**
   * Waits until the supervisor has stopped with its Scope, or fails when it has given up. Where nobody
   * waits, giving up is a defect of the Scope's exit.
   */
  readonly join: Effect.Effect<void, RestartIntensityExceeded>
}

/**
 * A child, and what it does now. A child that is `restarting` waits for its backoff, or for others that
 * are restarted with it.
 *
 * @since 0.1.0
 */
export interface ChildStatus {
  readonly name: string
  readonly type: ChildType
  readonly status: "starting" | "running" | "stopping" | "restarting"
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
      const above = frame === undefined ? "" : pathOf(frame.cell)
      const path = `${above}/${options.name ?? "supervisor"}`
      const over = Deferred.makeUnsafe<void, RestartIntensityExceeded>()
      const tree = Tree.make(system, path, options, {
        isLast: true,
        gaveUp: (error) => Deferred.doneUnsafe(over, Exit.fail(error))
      })
      const refs = Tree.addAll(tree, services, children) as Spec.Refs<C>
      const { supervision } = tree
      let isJoined = false
      system.supervisors.add(supervision)
      yield* Effect.addFinalizer(() =>
        Effect.gen(function* () {
          yield* supervision.halt(true)
          system.supervisors.delete(supervision)
          const stopped = yield* Deferred.succeed(over, undefined)
          if (!stopped && !isJoined) yield* Effect.orDie(Deferred.await(over))
        })
      )
      const started = Effect.onInterrupt(restore(supervision.start), () => supervision.halt(true))
      const exit = yield* started
      if (Exit.isFailure(exit)) {
        return yield* exit as Exit.Exit<never, StartFailed<Spec.Failure<C[keyof C]>>>
      }
      return {
        path,
        refs,
        startChild: (child, name) => startChild(tree, child, name),
        stopChild: (name) => stopChild(tree, name),
        children: Effect.sync(() => Array.from(supervision.children.values(), statusOf)),
        join: Effect.onExit(Deferred.await(over), (exit) =>
          Effect.sync(() => {
            isJoined ||= !Exit.hasInterrupts(exit)
          })
        )
      }
    })
  )

/**
 * Runs `body` with a supervisor, which is stopped at its end. When the supervisor gives up, `body` is
 * interrupted, and this fails.
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

const startChild = <const D extends Spec.Child>(
  tree: Tree.Tree,
  child: D,
  name: string | undefined
) =>
  Effect.withFiber<
    Spec.Ref<D>,
    StartFailed<Spec.Failure<D>> | NameTaken | SupervisorStopped,
    Spec.Services<D>
  >((fiber) => {
    const { supervision } = tree
    const { path } = supervision
    if (!supervision.isOpen) return Effect.fail(new SupervisorStopped({ supervisor: path }))
    if (name !== undefined && supervision.children.has(name)) {
      return Effect.fail(new NameTaken({ supervisor: path, child: name }))
    }
    return Effect.callback((resume) => {
      const context = fiber.context as Context.Context<never>
      const added = Tree.add(tree, context, name, child, false, (exit) => {
        if (exit === undefined) resume(Effect.fail(new SupervisorStopped({ supervisor: path })))
        else if (Exit.isSuccess(exit)) resume(Effect.succeed(added.ref as Spec.Ref<D>))
        else resume(exit as Exit.Exit<never, StartFailed<Spec.Failure<D>>>)
      })
      return Effect.asVoid(stopChild(tree, added.name))
    })
  })

const stopChild = ({ supervision }: Tree.Tree, name: string): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    if (!supervision.children.has(name)) return Effect.succeed(false)
    return Effect.callback((resume) => supervision.remove(name, () => resume(Effect.succeed(true))))
  })

const statusOf = ({ status, type, value }: Child): ChildStatus => ({
  name: value.name,
  type,
  status: statuses[status]
})

const statuses = {
  down: "restarting",
  waiting: "restarting",
  starting: "starting",
  up: "running",
  halting: "stopping"
} as const

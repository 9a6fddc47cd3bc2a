/** How the children of a supervisor are described, and the types that follow from it. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type { Options as ActorOptions } from "../ActorOptions.ts"
import type { ActorRef } from "../ActorRef.ts"
import type { Behavior } from "../Behavior.ts"
import type { Policy } from "./backoff.ts"
import type { ChildType, Strategy } from "./restartPlan.ts"
import type { NameTaken, StartFailed, SupervisorStopped } from "./supervisorErrors.ts"

/**
 * How a supervisor supervises.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Whom it restarts together. Default: `"one_for_one"`. */
  readonly strategy?: Strategy | undefined
  /** Restarts that are allowed within `period`, an integer from 0. Default: 3, as in Elixir. */
  readonly intensity?: number | undefined
  /** The time in which restarts are counted. Default: 5 seconds. */
  readonly period?: Duration.Input | undefined
  /**
   * What is counted together: `"supervisor"` (default), the restarts of all children, and one too
   * many ends them all; or `"child"`, those of each child, and one too many ends that child only, for
   * pools of children that have nothing to do with each other.
   */
  readonly countPer?: "supervisor" | "child" | undefined
  /** The backoff of children that have none of their own. Default: none, they restart at once. */
  readonly backoff?: Policy | undefined
}

/**
 * When a child is restarted, or a whole supervisor as the child of another.
 *
 * @since 0.1.0
 */
export interface Restart {
  /** When it is restarted. Default: `"permanent"`. */
  readonly type?: ChildType | undefined
  /**
   * How long it waits before each restart. Its steps are counted for this child alone, and a schedule
   * that comes to its end is one restart too many. Default: that of the supervisor.
   */
  readonly backoff?: Policy | undefined
  /** How long it has to be up for its backoff to begin anew. Default: the period of the supervisor. */
  readonly stableAfter?: Duration.Input | undefined
}

/**
 * How a supervised actor is made.
 *
 * @since 0.1.0
 */
export interface ChildOptions extends Restart, Omit<ActorOptions, "name" | "shutdown"> {
  /**
   * How long a stop waits for the current message until it is interrupted; `"kill"`: it does not wait.
   * Default: 5 seconds.
   */
  readonly shutdown?: Duration.Input | "kill" | undefined
}

/**
 * An actor as the child of a supervisor.
 *
 * @since 0.1.0
 */
export interface ActorSpec<P extends Rpc.Any, out E, out R> {
  readonly behavior: Behavior<P, E, R>
  readonly options: ChildOptions
}

/**
 * A supervisor as the child of another one.
 *
 * @since 0.1.0
 */
export interface SupervisorSpec<out C> {
  readonly children: C
  readonly options: Options & Restart
}

/** A behaviour of any kind, as far as types are derived from it. */
interface AnyBehavior {
  readonly protocol: unknown
  readonly init: (context: never) => Effect.Effect<unknown, unknown, unknown>
  readonly handlers: object
}

/**
 * What a supervisor can supervise: a behaviour, one with options, or another supervisor.
 *
 * @since 0.1.0
 */
export type Child =
  | AnyBehavior
  | { readonly behavior: AnyBehavior; readonly options: ChildOptions }
  | { readonly children: Children; readonly options: Options & Restart }

/**
 * Children by their names, in the order of their start. Names are not numbers, which JavaScript would
 * sort, and have no `/`.
 *
 * @since 0.1.0
 */
export interface Children {
  readonly [name: string]: Child
}

/**
 * What others hold of a child: of an actor its address, of a supervisor its handle.
 *
 * @since 0.1.0
 */
export type Ref<C> = C extends { readonly protocol: RpcGroup.RpcGroup<infer P> }
  ? ActorRef<P>
  : C extends { readonly behavior: infer B }
    ? Ref<B>
    : C extends { readonly children: infer Inner }
      ? [Children] extends [Inner]
        ? unknown
        : Handle<Inner>
      : never

/**
 * What others hold of children, by their names.
 *
 * @since 0.1.0
 */
export type Refs<C> = { readonly [Name in keyof C]: Ref<C[Name]> }

type Init<C> = C extends { readonly init: (context: never) => infer Init }
  ? Init
  : C extends { readonly behavior: infer B }
    ? Init<B>
    : C extends { readonly children: infer Inner }
      ? [Children] extends [Inner]
        ? Effect.Effect<unknown, unknown, unknown>
        : Init<Inner[keyof Inner]>
      : never

/**
 * How the `init` of children can fail.
 *
 * @since 0.1.0
 */
export type Failure<C> = Effect.Error<Init<C>>

/**
 * The services that children need.
 *
 * @since 0.1.0
 */
export type Services<C> = Effect.Services<Init<C>>

/**
 * A supervisor, as others see it.
 *
 * @since 0.1.0
 */
export interface Handle<C> {
  readonly path: string
  /** The children that it was described with, by their names. */
  readonly refs: Refs<C>
  /**
   * Starts one more child, after all others; returns when its `init` is done. One that fails to start
   * is no restart, and is gone. Without a name it is called by its number. When the supervisor itself
   * is restarted by the one above it, such a child is not.
   *
   * Interrupting it stops the child.
   */
  startChild<const D extends Child>(
    child: D,
    name?: string
  ): Effect.Effect<Ref<D>, StartFailed<Failure<D>> | NameTaken | SupervisorStopped, Services<D>>
  /** Stops a child for good, and waits for that. False if there is no child of this name. */
  stopChild(name: string): Effect.Effect<boolean>
  /** What children there are now, in order of their start. */
  readonly children: Effect.Effect<ReadonlyArray<ChildStatus>>
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

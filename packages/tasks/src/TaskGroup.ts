/**
 * Groups of tasks that are spawned while the group runs, and that it never leaves behind.
 *
 * A group ends when its body and all of its tasks have ended. Whatever ends it early (a failure, a
 * `cancel`, an interrupt from outside) reaches the body and every task, and their cleanup is awaited.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Concurrency from "./internal/concurrency.ts"
import * as Crew from "./internal/crew.ts"
import * as Group from "./internal/group.ts"
import * as Shield from "./internal/shield.ts"
import * as Unreported from "./internal/unreported.ts"
import * as Waiting from "./internal/waiting.ts"

/**
 * A task was to be spawned in a group that takes no more: its name, and why it ended.
 *
 * @since 0.1.0
 */
export { GroupClosed } from "./internal/group.ts"

/**
 * The name of the task that a failure comes from, as an annotation of its reason in a cause.
 *
 * ```ts
 * const failing = TaskGroup.run(
 *   (group: TaskGroup.TaskGroup<string>) => group.spawn(Effect.fail("404"), { name: "page 7" }),
 *   { name: "crawl" }
 * )
 * const cause = yield* Effect.flip(Effect.sandbox(failing))
 * Context.getOrUndefined(Cause.annotations(cause), TaskGroup.FailedTask) // => "crawl/page 7"
 * ```
 *
 * @since 0.1.0
 */
export { FailedTask } from "./internal/group.ts"

/**
 * A group that takes tasks: those that may fail with `E`, and, once cancelled, gives a `C`.
 *
 * @since 0.1.0
 */
export interface TaskGroup<E = never, C = never> {
  /**
   * Starts a task in the group; its fiber may be joined, or left to the group.
   *
   * In a full group it waits for its turn, in order of arrival, and can be interrupted; a task of the
   * group that spawns does not keep its own place while it waits. The task sees the services of the
   * caller and is interruptible, wherever it is spawned. Fails with `GroupClosed` once the group has
   * ended or is about to.
   */
  spawn<A, E1 extends E, R>(
    effect: Effect.Effect<A, E1, R>,
    options?: { readonly name?: string | undefined }
  ): Effect.Effect<Fiber.Fiber<A, E1>, Group.GroupClosed, R>
  /**
   * Ends the group early, and without error: interrupts the body and all tasks. `run` waits for their
   * cleanup and then succeeds with `reason`. Without effect on a group that has ended.
   */
  cancel(reason: C): Effect.Effect<void>
}

/**
 * Options of a group.
 *
 * @since 0.1.0
 */
export interface Options<P extends Policy> {
  /**
   * What the failure of a task does. `"failFast"` (default): it ends the group, which fails.
   * `"supervise"`: nothing to the others, and the group returns a {@link Report}.
   */
  readonly policy?: P | undefined
  /** Tasks that run at once, without the body. Default `"unbounded"`. */
  readonly concurrency?: number | "unbounded" | undefined
  /** The name of the group in reports. Its tasks are named `group/task`. */
  readonly name?: string | undefined
}

/**
 * What the failure of a task does to its group: it ends it, or it is put into its report.
 *
 * @since 0.1.0
 */
export type Policy = "failFast" | "supervise"

/**
 * What became of a supervised group: every task that was spawned is in one of the three counts.
 *
 * @since 0.1.0
 */
export interface Report<A, E, C> {
  /** The result of the body; none if the group was cancelled before. */
  readonly value: Option.Option<A>
  /** The reason of `cancel`, if it was called. */
  readonly cancelled: Option.Option<C>
  readonly succeeded: number
  /** Tasks that were interrupted, and had no error in their cleanup. */
  readonly interrupted: number
  /** Tasks that failed, in the order in which they ended: the name given to `spawn` or `task N`. */
  readonly failed: ReadonlyArray<{ readonly name: string; readonly cause: Cause.Cause<E> }>
}

/**
 * A group that a scope keeps open.
 *
 * @since 0.1.0
 */
export interface OpenGroup<E, C, Result> extends TaskGroup<E, C> {
  /**
   * Waits until no task is left, closes the group, and gives what `run` would: in `"failFast"` the
   * reason of a `cancel`, or all causes; in `"supervise"` the report. Interrupting the wait leaves the
   * group open. A task of the group must not call it: it would wait for itself.
   */
  readonly join: Effect.Effect<Result, E>
}

/**
 * Runs `body` in a group, waits for the tasks that it spawned, and for those that these spawned, and
 * succeeds with the result of the body.
 *
 * The type of the tasks' failures is written where the body takes its group; the default is `never`.
 *
 * - A failure of the body, and in `"failFast"` the first failure of a task, interrupts all others.
 * - A task that is interrupted by someone else is no failure of the group.
 * - Every cause survives: failures of body and tasks, and of their cleanup, are in one cause in the
 *   order in which they happened, typed ones stay typed beside defects, and reasons of named tasks
 *   carry their {@link FailedTask}.
 * - `group.cancel(reason)` makes `run` succeed with `reason`, unless a cleanup fails.
 * - Interrupting `run` interrupts body and tasks, waits for all, and fails with the interrupt and the
 *   errors of cleanup. Failures that were to go into a report are then logged at
 *   `References.UnhandledLogLevel`.
 *
 * Dies with `Task.InvalidConcurrency` when `concurrency` is not a positive integer.
 *
 * ```ts
 * const total = yield* TaskGroup.run((group) =>
 *   Effect.gen(function*() {
 *     const two = yield* group.spawn(Effect.succeed(2))
 *     const three = yield* group.spawn(Effect.as(Effect.yieldNow, 3))
 *     return (yield* Fiber.join(two)) + (yield* Fiber.join(three))
 *   })
 * )
 * total // => 5
 * const fastest = yield* TaskGroup.run((group: TaskGroup.TaskGroup<never, string>) =>
 *   Effect.forEach(["1 second", "1 milli"] as const, (time) =>
 *     group.spawn(Effect.andThen(Effect.sleep(time), group.cancel(time)))
 *   )
 * )
 * fastest // => "1 milli"
 * ```
 *
 * @since 0.1.0
 */
export const run = <A, E, R, E2 = never, C = never, const P extends Policy = "failFast">(
  body: (group: TaskGroup<E2, C>) => Effect.Effect<A, E, R>,
  options?: Options<P>
): Effect.Effect<Result<A, E2, C, P>, E | E2, R> => start((handle) => body(handle), options)

/** The same; its body also sees the state of the group. */
const start = <A, E, R, E2, C, const P extends Policy>(
  body: (handle: TaskGroup<E2, C>, group: Group.Group<E | E2>) => Effect.Effect<A, E, R>,
  options: Options<P> | undefined
): Effect.Effect<Result<A, E2, C, P>, E | E2, R> =>
  Effect.flatMap(Concurrency.limit(options?.concurrency), (limit) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.withFiber<Result<A, E2, C, P>, E | E2, R>((owner) => {
        const supervise = options?.policy === "supervise"
        const group = Group.make<E | E2>(owner, {
          name: options?.name,
          limit,
          endsOnFailure: !supervise
        })
        let cancelled = Option.none<C>()
        const handle: TaskGroup<E2, C> = {
          spawn: <A, E1 extends E2, R>(
            effect: Effect.Effect<A, E1, R>,
            options?: { readonly name?: string | undefined }
          ) => group.spawn(effect, options?.name),
          cancel: (reason) =>
            Effect.sync(() => {
              if (group.closed !== undefined) return
              cancelled = Option.some(reason)
              group.close("cancel")
            })
        }
        group.startBody(Effect.suspend(() => body(handle, group)))
        const result = supervise ? supervised : failFast
        return Crew.join(
          group.crew,
          restore,
          () => result<A, E | E2, C>(group, cancelled) as Exit.Exit<Result<A, E2, C, P>, E | E2>,
          (interrupt) => {
            const before = group.failures.length
            group.close("interrupt")
            return Effect.suspend(() => abandon(group, interrupt, supervise ? before : 0))
          }
        )
      })
    )
  )

/**
 * Opens a group that lives as long as the scope. When the scope closes, the tasks that still run are
 * interrupted and awaited, and errors that no `join` has delivered are defects of the scope's exit.
 *
 * ```ts
 * const group = yield* TaskGroup.make<never, never>()
 * const fiber = yield* group.spawn(Effect.succeed("done"))
 * yield* group.join
 * yield* Fiber.join(fiber) // => "done"
 * ```
 *
 * @since 0.1.0
 */
export const make = <E = never, C = never, const P extends Policy = "failFast">(
  options?: Options<P>
): Effect.Effect<OpenGroup<E, C, Result<void, E, C, P>>, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Concurrency.limit(options?.concurrency)
    const [opened, drained] = [yield* Latch.make(), yield* Latch.make()]
    let opening: readonly [TaskGroup<E, C>, Group.Group<E>] | undefined
    const ended = yield* Shield.start(
      start<void, never, never, E, C, P>((handle, group) => {
        opening = [handle, group]
        return Effect.andThen(opened.open, drained.await)
      }, options)
    )
    yield* opened.await
    const [handle, group] = opening!
    return { ...handle, join: Effect.andThen(drain(group, drained, options?.name), ended) }
  })

/** Suspends until no task is left, and lets the body end, and with it the group, in the same step. */
const drain = <E>(group: Group.Group<E>, drained: Latch.Latch, name: string | undefined) =>
  Waiting.suspend<void>(
    () => ({ kind: "TaskGroup.join", name, holders: group.tasks }),
    (resume, waiter) => {
      let isOver = false
      const end = () => {
        if (isOver || group.running > 0) return
        forget()
        drained.openUnsafe()
        resume(Effect.void)
      }
      const stop = group.onIdle(() => waiter.currentDispatcher.scheduleTask(end, 0))
      const forget = () => {
        isOver = true
        stop()
      }
      end()
      return forget
    }
  )

type Result<A, E, C, P> = P extends "supervise" ? Report<A, E, C> : A | C

const failFast = <A, E, C>(
  group: Group.Group<E>,
  cancelled: Option.Option<C>
): Exit.Exit<A | C, E> => {
  const failure = failureOf(group)
  if (failure !== undefined) return failure
  return Option.isSome(cancelled) ? Exit.succeed(cancelled.value) : (group.body as Exit.Exit<A, E>)
}

const supervised = <A, E, C>(
  group: Group.Group<E>,
  cancelled: Option.Option<C>
): Exit.Exit<Report<A, E, C>, E> => {
  const failure = group.bodyFailed ? failureOf(group) : undefined
  if (failure !== undefined) return failure
  return Exit.succeed({
    value: Exit.getSuccess(group.body as Exit.Exit<A, E>),
    cancelled,
    succeeded: group.succeeded,
    interrupted: group.interrupted,
    failed: group.failures.map(({ cause, member: { index, name } }) => ({
      name: name ?? `task ${index}`,
      cause
    }))
  })
}

/** Everything that failed in the group, and the interrupt by which its body ended it. */
const failureOf = <E>({ bodyInterrupts, failures }: Group.Group<E>) => {
  const reasons = [...bodyInterrupts, ...Group.errors(failures)]
  return reasons.length > 0 ? Exit.failCause(Cause.fromReasons(reasons)) : undefined
}

const abandon = <E>(
  { bodyFailed, failures }: Group.Group<E>,
  interrupt: Cause.Cause<never>,
  reported: number
): Effect.Effect<never, E> => {
  const data = bodyFailed ? 0 : reported
  return Effect.andThen(
    Unreported.log("An interrupted group drops failures", Group.errors(failures.slice(0, data))),
    Unreported.failInterrupted(interrupt, Group.errors(failures.slice(data)))
  )
}

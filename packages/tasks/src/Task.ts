/**
 * Runs effects as tasks that have an owner, and loses none of their failures.
 *
 * A task is a fiber with an owner that waits for it. Whatever ends the owner's wait early (the first
 * failure, a deadline, an interrupt from outside), the tasks that still run are interrupted and
 * awaited, and what goes wrong in their cleanup is part of the result.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Budget from "./internal/budget.ts"
import * as Causes from "./internal/causes.ts"
import * as Collect from "./internal/collect.ts"
import * as Completions from "./internal/completions.ts"
import * as Concurrency from "./internal/concurrency.ts"
import * as FanOut from "./internal/fanOut.ts"
import * as Gather from "./internal/gather.ts"
import * as Shield from "./internal/shield.ts"
import * as Source from "./internal/source.ts"
import * as TaskName from "./internal/taskName.ts"
import * as Unreported from "./internal/unreported.ts"
import * as Wait from "./internal/wait.ts"

/**
 * Defect raised when `concurrency` is neither a positive integer nor `"unbounded"`.
 *
 * @since 0.1.0
 */
export { InvalidConcurrency } from "./internal/concurrency.ts"

/**
 * What to do about a failed task: end the others, or let each one finish and report its `Exit`.
 *
 * @since 0.1.0
 */
export type Mode = "failFast" | "settle"

/**
 * Options of {@link gather}.
 *
 * @since 0.1.0
 */
export interface GatherOptions<M extends Mode> {
  /** Tasks that run at once. Default `"unbounded"`: all of them. */
  readonly concurrency?: number | "unbounded" | undefined
  /** Default `"failFast"`. */
  readonly mode?: M | undefined
}

/**
 * Runs effects concurrently and returns their results in argument order: of a tuple a tuple, of
 * another iterable an array, of a record a record with the same keys.
 *
 * With `mode: "failFast"` the first failure interrupts the other tasks, starts no more of them, waits
 * for their cleanup, and fails with **all** causes: typed failures stay typed beside defects, and a
 * failing cleanup adds its own. With `mode: "settle"` each result is the `Exit` of its task and
 * `gather` does not fail; failures in exits that an interrupt keeps from being returned are logged at
 * `References.UnhandledLogLevel`.
 *
 * Interrupting `gather` interrupts and awaits every task; failures in their cleanup join the
 * interrupt in its cause. In an uninterruptible region the tasks are uninterruptible too. Nested
 * gathers may be any number of levels deep. A `concurrency` that is not a positive integer is the
 * defect `InvalidConcurrency`.
 *
 * ```ts
 * const both = Task.gather([Effect.succeed(1), Effect.succeed("a")])
 * yield* both // => [1, "a"]
 * const user = Task.gather({ id: Effect.succeed(7), name: Effect.succeed("Ada") })
 * yield* user // => { id: 7, name: "Ada" }
 * ```
 *
 * @since 0.1.0
 */
export const gather = <const S extends Source, const M extends Mode = "failFast">(
  source: S,
  options?: GatherOptions<M>
): Effect.Effect<Results<S, M>, ErrorOf<S, M>, Effect.Services<Member<S>>> =>
  Effect.flatMap(Concurrency.limit(options?.concurrency), (concurrency): Run => {
    const run = (
      effects: ReadonlyArray<AnyEffect>
    ): Effect.Effect<Gather.Listed, unknown, unknown> =>
      options?.mode === "settle"
        ? Gather.settle(effects, concurrency)
        : Gather.failFast(effects, concurrency)
    if (Symbol.iterator in source) return run(Array.from(source as Iterable<AnyEffect>))
    const keys = Object.keys(source)
    const effects = Object.values(source as Readonly<Record<string, AnyEffect>>)
    return Effect.map(run(effects), (results) =>
      Object.fromEntries(keys.map((key, index) => [key, results[index]]))
    )
  }) as Effect.Effect<Results<S, M>, ErrorOf<S, M>, Effect.Services<Member<S>>>

/**
 * The results of {@link collect}: each effect is in one of the three lists, which are in argument
 * order.
 *
 * @since 0.1.0
 */
export interface Collected<A, E> {
  readonly succeeded: ReadonlyArray<{ readonly index: number; readonly value: A }>
  /** Those that failed or died, also in the cleanup after the deadline. */
  readonly failed: ReadonlyArray<{ readonly index: number; readonly cause: Cause.Cause<E> }>
  /** Those that were interrupted, or never started, and had no error. */
  readonly interrupted: ReadonlyArray<number>
}

/**
 * Runs effects concurrently for the time `within` and returns what they came to by then: those that
 * still run are interrupted and awaited, the rest is not started.
 *
 * The tasks see the time left in `Deadline.remaining`. With zero, each runs to its first suspension. A
 * negative `within` is the defect `Deadline.NegativeDuration`. Interrupting `collect` does as for
 * {@link gather} in mode `"settle"`.
 *
 * ```ts
 * const slow = Effect.sleep("1 hour")
 * const results = yield* Task.collect([Effect.succeed("a"), Effect.fail("b"), slow], {
 *   within: "10 millis"
 * })
 * results.succeeded // => [{ index: 0, value: "a" }]
 * results.failed.map(({ index }) => index) // => [1]
 * results.interrupted // => [2]
 * ```
 *
 * @since 0.1.0
 */
export const collect = <T extends AnyEffect>(
  effects: Iterable<T>,
  options: {
    readonly within: Duration.Input
    /** Tasks that run at once. Default `"unbounded"`. */
    readonly concurrency?: number | "unbounded" | undefined
  }
): Effect.Effect<Collected<Effect.Success<T>, Effect.Error<T>>, never, Effect.Services<T>> =>
  Effect.flatMap(Concurrency.limit(options.concurrency), (concurrency) =>
    Effect.flatMap(Budget.decode("within", options.within), (within) =>
      Collect.run(listOf(effects), concurrency, within)
    )
  )

/**
 * Runs effects concurrently and takes the result of the first that ends, be it a success or a failure.
 * The others are interrupted and awaited; a failing cleanup fails the race, with all causes. In an
 * uninterruptible region, such as a handler of Effect's HTTP server, they are uninterruptible too, and
 * awaited to their end: wrap what may lose in `Effect.interruptible`.
 *
 * Dies with `NoEffects` when there is none, rather than wait for ever.
 *
 * ```ts
 * const mirrors = ["1 hour", "1 milli"] as const
 * const fastest = Task.race(mirrors.map((time) => Effect.as(Effect.sleep(time), time)))
 * yield* fastest // => "1 milli"
 * ```
 *
 * @since 0.1.0
 */
export const race = <T extends AnyEffect>(
  effects: Iterable<T>
): Effect.Effect<Effect.Success<T>, Effect.Error<T>, Effect.Services<T>> =>
  Effect.suspend(() => {
    type A = Effect.Success<T>
    type E = Effect.Error<T>
    const contenders = listOf(effects)
    if (contenders.length === 0) return Effect.die(new NoEffects())
    let winner: Exit.Exit<A, E> | undefined
    return FanOut.run<A, E, Effect.Services<T>, A, E>(contenders, {
      kind: "Task.race",
      concurrency: Infinity,
      onExit: (exit) => {
        winner ??= exit
        return true
      },
      result: (failures) => {
        if (winner!._tag === "Failure") {
          return Exit.failCause(Causes.firstThenErrors(winner!, failures))
        }
        const errors = Causes.errors(failures)
        return errors.length > 0 ? Exit.failCause(Cause.fromReasons(errors)) : winner!
      },
      abandon: (interrupt, failures) =>
        Unreported.failInterrupted(interrupt, Causes.errors(failures))
    })
  })

/**
 * Defect raised by a race without contenders.
 *
 * @since 0.1.0
 */
export class NoEffects extends Data.TaggedError("NoEffects")<{}> {
  override get message(): string {
    return "a race needs at least one effect"
  }
}

/**
 * The result of {@link wait}: each fiber once, in argument order.
 *
 * @since 0.1.0
 */
export interface Waited<F> {
  readonly done: ReadonlyArray<F>
  readonly pending: ReadonlyArray<F>
}

/**
 * Waits for fibers until the `"first"` of them has ended, or the `"firstFailure"`, or `"all"`, or
 * `timeout` has passed, and returns which have ended and which have not, in argument order.
 *
 * Nothing is interrupted: pending fibers stay with their owners. `done` holds every fiber that has
 * ended by now. An interrupt is not a failure; when none fails, `"firstFailure"` waits for all. With a
 * `timeout` of zero other fibers get one turn. A negative one is the defect
 * `Deadline.NegativeDuration`. A fiber given twice counts once, and no fibers are no wait; waiting for
 * the fiber that calls is the defect `WaitsForItself`.
 *
 * ```ts
 * const fast = yield* Effect.forkChild(Effect.succeed("fast"))
 * const slow = yield* Effect.forkChild(Effect.never)
 * const { done, pending } = yield* Task.wait([slow, fast], { until: "first" })
 * const names = [done.indexOf(fast), pending.indexOf(slow)]
 * names // => [0, 0]
 * ```
 *
 * @since 0.1.0
 */
export const wait = <F extends Fiber.Fiber<unknown, unknown>>(
  fibers: Iterable<F>,
  options: {
    readonly until: "first" | "firstFailure" | "all"
    readonly timeout?: Duration.Input | undefined
  }
): Effect.Effect<Waited<F>> =>
  options.timeout === undefined
    ? Wait.wait(fibers, options.until, undefined)
    : Effect.flatMap(Budget.decode("timeout", options.timeout), (timeout) =>
        Wait.wait(fibers, options.until, timeout)
      )

/**
 * Defect raised when a fiber is to wait for its own end.
 *
 * @since 0.1.0
 */
export { WaitsForItself } from "./internal/wait.ts"

/**
 * Runs the effects of a source, at most `concurrency` at once, and streams their results in the order
 * in which they complete, each exactly once.
 *
 * The source is read as results are pulled: no more than `concurrency` effects are on their way, that
 * is running, or completed and not yet pulled. An iterable or async iterable is read one by one, and
 * told when it is not needed any more (`return`); one that throws is a defect. A stream is read chunk
 * by chunk. A pull that is interrupted, by a timeout for example, takes nothing: the next one goes on.
 *
 * The first failure of an effect or of the source interrupts the rest, waits for it, and fails the
 * stream with all causes, after the results that had completed. Ending the stream early does the
 * same; errors of cleanup are then defects of its scope. A `concurrency` that is not a positive
 * integer is the defect `InvalidConcurrency`.
 *
 * ```ts
 * const jobs = [30, 10, 20].map((ms) => Effect.as(Effect.sleep(ms), ms))
 * const order = Task.asCompleted(jobs, { concurrency: 3 })
 * yield* Stream.runCollect(order) // => [10, 20, 30]
 * ```
 *
 * @since 0.1.0
 */
export const asCompleted = <T extends AnyEffect, E = never, R = never>(
  source: Iterable<T> | AsyncIterable<T> | Stream.Stream<T, E, R>,
  options: { readonly concurrency: number | "unbounded" }
): Stream.Stream<Effect.Success<T>, Effect.Error<T> | E, Effect.Services<T> | R> =>
  Stream.transformPull(Source.toStream(source), (pull, scope) =>
    Effect.flatMap(Concurrency.limit(options.concurrency), (limit) =>
      Completions.start(pull, scope, limit)
    )
  ) as Stream.Stream<Effect.Success<T>, Effect.Error<T> | E, Effect.Services<T> | R>

/**
 * Starts an effect as a task of the enclosing scope, and returns the effect that waits for it.
 *
 * Interrupting a waiter leaves the task running, and its result can be read, also later and any number
 * of times. The task is never detached: when the scope closes, it is interrupted and awaited, and
 * errors that nobody has read are defects of the scope's exit. To have the scope wait for its end
 * instead, shield an `Effect.uninterruptible`.
 *
 * ```ts
 * const saved = yield* Task.shield(Effect.as(Effect.sleep("5 millis"), "saved"))
 * yield* Effect.timeoutOption(saved, "1 milli") // => Option.none()
 * yield* saved // => "saved"
 * ```
 *
 * @since 0.1.0
 */
export const shield: <A, E, R>(
  effect: Effect.Effect<A, E, R>
) => Effect.Effect<Effect.Effect<A, E>, never, R | Scope.Scope> = Shield.start

/**
 * Names the task that runs an effect, for reports. Inside a named task the names form a path, such as
 * `crawl/fetch`; the tasks that it starts inherit it.
 *
 * ```ts
 * const name = Effect.withFiberSucceed(Waits.taskName)
 * yield* name.pipe(Task.named("fetch"), Task.named("crawl")) // => "crawl/fetch"
 * ```
 *
 * @since 0.1.0
 */
export const named =
  (name: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateService(self, TaskName.CurrentTaskName, (outer) => TaskName.join(outer, name))

/** An array of effects, in the form whose type parameters can be told apart. */
const listOf = <T extends AnyEffect>(effects: Iterable<T>) =>
  Array.from(effects) as unknown as ReadonlyArray<
    Effect.Effect<Effect.Success<T>, Effect.Error<T>, Effect.Services<T>>
  >

type Run = Effect.Effect<unknown, unknown, unknown>

type AnyEffect = Effect.Effect<unknown, unknown, unknown>

/** The effects to run: a tuple, an array or another iterable, or a record. */
type Source = Iterable<AnyEffect> | Readonly<Record<string, AnyEffect>>

type Member<S> = S extends Iterable<infer T> ? T : S[keyof S]

type Result<T, M> =
  T extends Effect.Effect<infer A, infer E, infer _R>
    ? M extends "settle"
      ? Exit.Exit<A, E>
      : A
    : never

type Results<S, M> =
  S extends ReadonlyArray<AnyEffect>
    ? { -readonly [K in keyof S]: Result<S[K], M> }
    : S extends Iterable<infer T>
      ? Array<Result<T, M>>
      : { -readonly [K in keyof S]: Result<S[K], M> }

type ErrorOf<S, M> = M extends "settle" ? never : Effect.Error<Member<S>>

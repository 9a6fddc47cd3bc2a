/**
 * Runs effects as tasks that have an owner, and loses none of their failures.
 *
 * A task is a fiber with an owner that waits for it. Whatever ends the owner's wait early (the first
 * failure, a deadline, an interrupt from outside), the tasks that still run are interrupted and
 * awaited, and what goes wrong in their cleanup is part of the result.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Causes from "./internal/causes.ts"
import * as Concurrency from "./internal/concurrency.ts"
import * as FanOut from "./internal/fanOut.ts"
import * as Unreported from "./internal/unreported.ts"

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
    const run = (effects: ReadonlyArray<AnyEffect>): Effect.Effect<Listed, unknown, unknown> =>
      options?.mode === "settle" ? settle(effects, concurrency) : failFast(effects, concurrency)
    if (Symbol.iterator in source) return run(Array.from(source as Iterable<AnyEffect>))
    const keys = Object.keys(source)
    const effects = Object.values(source as Readonly<Record<string, AnyEffect>>)
    return Effect.map(run(effects), (results) =>
      Object.fromEntries(keys.map((key, index) => [key, results[index]]))
    )
  }) as Effect.Effect<Results<S, M>, ErrorOf<S, M>, Effect.Services<Member<S>>>

const failFast = <A, E, R>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  concurrency: number
): Effect.Effect<Listed, E, R> =>
  Effect.suspend(() => {
    const values: Array<A> = []
    values.length = effects.length
    return FanOut.run<A, E, R, Listed, E>(effects, {
      concurrency,
      onExit: (exit, index) => {
        if (exit._tag === "Failure") return true
        values[index] = exit.value
        return false
      },
      result: ([first, ...others]) =>
        first === undefined
          ? Exit.succeed(values)
          : Exit.failCause(Causes.firstThenErrors(first, others)),
      abandon: (interrupt, failures) =>
        Unreported.failInterrupted(interrupt, Causes.errors(failures))
    })
  })

const settle = <A, E, R>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  concurrency: number
): Effect.Effect<Listed, never, R> =>
  Effect.suspend(() => {
    const exits: Array<Exit.Exit<A, E>> = []
    exits.length = effects.length
    return FanOut.run<A, E, R, Listed, never>(effects, {
      concurrency,
      onExit: (exit, index) => {
        exits[index] = exit
        return false
      },
      result: () => Exit.succeed(exits),
      abandon: (interrupt, failures, before) =>
        Unreported.failInterruptedWithData("gather", interrupt, failures, before)
    })
  })

type Listed = ReadonlyArray<unknown>

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

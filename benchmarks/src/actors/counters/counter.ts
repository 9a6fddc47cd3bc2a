/** The actor of most workloads: it adds up numbers. Each contender has one as its users write it. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Counter {
  /** Sends a number without waiting for the sum. */
  readonly tell: (n: number) => Effect.Effect<unknown, unknown>
  /** Sends a number, and waits for the sum. */
  readonly ask: (n: number) => Effect.Effect<number, unknown>
}

/** Sets up what actors live in; the result starts one, which stops when its Scope is closed. */
export type Counters = Effect.Effect<
  Effect.Effect<Counter, unknown, Scope.Scope>,
  unknown,
  Scope.Scope
>

/** The same for libraries of promises. */
export interface PromiseCounter {
  readonly tell: (n: number) => void
  readonly ask: (n: number) => Promise<number>
  readonly stop: () => void
}

/** As many messages as a mailbox holds, where it has a bound. */
export const capacity = 10_000

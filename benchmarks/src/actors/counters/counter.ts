/** The actor of most workloads: it adds up numbers. Each contender has one as its users write it. */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** How actors of a kind are used. `Ref` is what a user keeps of one, and all that is kept here. */
export interface Counters<Ref, R> {
  /** Starts one, which stops when its Scope is closed. */
  readonly spawn: Effect.Effect<Ref, unknown, Scope.Scope | R>
  /** Sends a number without waiting for the sum. */
  readonly tell: (ref: Ref, n: number) => Effect.Effect<unknown, unknown>
  /** Sends a number, and waits for the sum. Fails when the actor has stopped. */
  readonly ask: (ref: Ref, n: number) => Effect.Effect<number, unknown>
}

export interface CounterKind<Ref, R> {
  /** What actors live in. */
  readonly layer: Layer.Layer<R>
  readonly make: Effect.Effect<Counters<Ref, R>, never, R>
}

/** The same for libraries of functions and promises. */
export interface PlainCounters<Ref> {
  readonly spawn: () => Ref
  readonly tell: (ref: Ref, n: number) => void
  readonly ask: (ref: Ref, n: number) => Promise<number>
  readonly stop: (ref: Ref) => void
  readonly isStopped: (ref: Ref) => Promise<boolean>
}

/** As many messages as a mailbox holds, where it has a bound: the default of ours. */
export const capacity = 10_000

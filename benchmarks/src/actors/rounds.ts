/** What the rounds of these workloads are made of. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Counters, CounterKind, PlainCounters } from "./counters/counter.ts"

/** Runs an effect with counters, in a system of its own. */
export const withCounters = <Ref, R>(
  { layer, make }: CounterKind<Ref, R>,
  use: (counters: Counters<Ref, R>) => Effect.Effect<number, unknown, Scope.Scope | R>
): Promise<number> =>
  Effect.runPromise(
    Effect.scoped(Effect.flatMap(make, use)).pipe(Effect.provide(Layer.fresh(layer)))
  )

/** Starts as many, one after the other. */
export const spawnMany = <Ref, R>(
  { spawn }: Counters<Ref, R>,
  size: number
): Effect.Effect<ReadonlyArray<Ref>, unknown, Scope.Scope | R> =>
  Effect.suspend(() => {
    const refs: Array<Ref> = []
    const spawnAll = Effect.whileLoop({
      while: () => refs.length < size,
      body: () => spawn,
      step: (ref) => {
        refs.push(ref)
      }
    })
    return Effect.as(spawnAll, refs)
  })

/** How many of them have this sum once they are told to add one; asked one by one. */
export const countSums = async <Ref>(
  { ask }: PlainCounters<Ref>,
  refs: ReadonlyArray<Ref>,
  sum: number
): Promise<number> => {
  let count = 0
  for (const ref of refs) if ((await ask(ref, 1)) === sum) count++
  return count
}

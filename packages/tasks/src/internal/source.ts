/** Reads the sources of `Task.asCompleted`. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** One or more items. */
export type Chunk<A> = readonly [A, ...Array<A>]

/** The source as a stream. */
export const toStream = <A, E, R>(
  source: Iterable<A> | AsyncIterable<A> | Stream.Stream<A, E, R>
): Stream.Stream<A, E, R> => {
  if (Stream.isStream(source)) return source as Stream.Stream<A, E, R>
  return Symbol.asyncIterator in source
    ? Stream.orDie(Stream.fromAsyncIterable(source, (error) => error))
    : fromIterable(source as Iterable<A>)
}

/** One by one: `Stream.fromIterable` reads ahead, a chunk at a time. */
const fromIterable = <A>(source: Iterable<A>): Stream.Stream<A> =>
  Stream.transformPull(Stream.empty, (_, scope) =>
    Effect.suspend(() => {
      const iterator = source[Symbol.iterator]()
      let isOpen = true
      const release = Effect.sync(() => {
        if (isOpen) iterator.return?.()
      })
      const pull = Effect.suspend((): Pull.Pull<Chunk<A>> => {
        // An iterator that has thrown or ended is closed already.
        isOpen = false
        const next = iterator.next()
        isOpen = next.done !== true
        return isOpen ? Effect.succeed([next.value as A]) : Cause.done()
      })
      return Effect.as(Scope.addFinalizer(scope, release), pull)
    })
  )

/** The connections of one client, pooled by origin, with a bound on how many each origin has. */
import type * as Undici from "undici"
import { Semaphore } from "@fibra/tasks"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LookupFunction } from "node:net"
import * as Connections from "./connections.ts"
import * as Proxied from "./proxied.ts"

export interface Options {
  readonly connectionsPerOrigin: number
  readonly headerBytesMax: number
  /** Resolves host names in place of the system, and can refuse. */
  readonly lookup: LookupFunction
  /** Connects to this and nothing else; its address is not looked up with `lookup`. */
  readonly proxy: URL | undefined
}

const connectTimeoutMillis = 10_000

export interface Origins {
  /** Runs an effect that makes one request to the origin, when a connection is free for it. */
  readonly withPool: <A, E, R>(
    origin: string,
    use: (connections: Connections.Connections) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

interface Origin {
  readonly connections: Connections.Connections
  /** Waiting happens here and not in the pool, which cannot take a request back out of its queue. */
  readonly places: Semaphore.Semaphore
  users: number
}

export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Origins, never, Scope.Scope> {
  const { connectionsPerOrigin, headerBytesMax, lookup, proxy } = options
  const openConnections = yield* Effect.promise(() =>
    proxy === undefined ? Connections.load() : Proxied.load(proxy, connectTimeoutMillis)
  )
  const poolOptions: Undici.Pool.Options = {
    connections: connectionsPerOrigin,
    maxHeaderSize: headerBytesMax,
    connect: { timeout: connectTimeoutMillis, lookup },
    // One way to count connections and to close one; a page more or less shows no other difference.
    allowH2: false,
    // The watchdog has the time limits.
    headersTimeout: 0,
    bodyTimeout: 0
  }
  // Invariant: an origin is here while it has a user or a connection; those of a broad crawl, which
  // are asked once, must not stay.
  const origins = new Map<string, Origin>()

  const open = Effect.fnUntraced(function* (key: string): Effect.fn.Return<Origin> {
    const places = yield* Semaphore.make(connectionsPerOrigin)
    const leave = () => closeIfUnused(key, origin)
    const connections = openConnections(key, poolOptions, leave)
    const origin: Origin = { connections, places, users: 0 }
    origins.set(key, origin)
    return origin
  })

  const closeIfUnused = (key: string, origin: Origin): void => {
    if (origin.users > 0 || origin.connections.isOpen() || origins.get(key) !== origin) return
    origins.delete(key)
    void origin.connections.close()
  }

  yield* Effect.addFinalizer(() =>
    Effect.promise(() => {
      const open = [...origins.values()]
      // Closing a pool makes it say that it has no connections left: nobody is to close it again.
      origins.clear()
      return Promise.all(open.map(({ connections }) => connections.destroy()))
    })
  )

  return {
    withPool: (key, use) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(originOf(key), (origin) => {
          origin.users += 1
          return restore(origin.places.withPermit(use(origin.connections))).pipe(
            Effect.onExit(() =>
              Effect.sync(() => {
                origin.users -= 1
                if (origin.users === 0) closeIfUnused(key, origin)
              })
            )
          )
        })
      )
  }

  function originOf(key: string): Effect.Effect<Origin> {
    const known = origins.get(key)
    return known === undefined ? open(key) : Effect.succeed(known)
  }
})

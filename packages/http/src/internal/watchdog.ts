/**
 * Holds all exchanges of one client to their time limits.
 *
 * One fiber looks at all of them a few times in each limit: a timer for each page and limit would
 * cost more than the page.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import type { Exchange } from "./exchange.ts"
import type { Limits } from "./limits.ts"

export interface Watchdog {
  /** The time, without that in which this process has stood still: it is not the time of a server. */
  readonly nowMillis: () => number
  readonly watch: (exchange: Exchange) => void
  readonly forget: (exchange: Exchange) => void
}

/** Looks this often within the shortest limit, and four times a second at the least. */
const looksPerLimit = 8
const periodMillisMax = 250

export const make = (limits: Limits): Effect.Effect<Watchdog, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    let stalledMillis = 0
    const nowMillis = () => clock.currentTimeMillisUnsafe() - stalledMillis
    const shortest = Math.min(limits.totalMillis, limits.headersMillis, limits.idleMillis)
    const periodMillis = Math.max(1, Math.min(periodMillisMax, shortest / looksPerLimit))

    // Invariant: while an exchange is in flight, `hasWork` is open or the fiber is in its inner loop.
    const inFlight = new Set<Exchange>()
    const hasWork = yield* Latch.make(false)
    const look = (askedMillis: number) => {
      // Hazard: after a stall of this process its timers come before what has arrived meanwhile, and each
      // exchange would look idle.
      const lateMillis = nowMillis() - askedMillis - periodMillis
      if (lateMillis > periodMillis) stalledMillis += lateMillis
      const now = nowMillis()
      for (const exchange of inFlight) exchange.check(now)
      if (inFlight.size === 0) hasWork.closeUnsafe()
    }
    yield* Effect.suspend(() => {
      const askedMillis = nowMillis()
      return Effect.andThen(
        Effect.sleep(periodMillis),
        Effect.sync(() => look(askedMillis))
      )
    }).pipe(hasWork.whenOpen, Effect.forever, Effect.forkScoped)

    return {
      nowMillis,
      watch: (exchange) => {
        if (inFlight.size === 0) hasWork.openUnsafe()
        inFlight.add(exchange)
      },
      forget: (exchange) => void inFlight.delete(exchange)
    }
  })

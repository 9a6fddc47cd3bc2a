/** A number of permits, shared out strictly in order: the core of Semaphore, Lock and RwLock. */
import * as Effect from "effect/Effect"
import * as Waits from "../Waits.ts"
import * as LinkedList from "./linkedList.ts"
import * as WaitQueue from "./waitQueue.ts"

export interface Permits {
  readonly resource: Waits.Resource
  readonly total: number
  readonly taken: number
  readonly waiting: number
  /** The requests that hold permits, in order of admission. */
  readonly holders: LinkedList.List<WaitQueue.Waiter>
  /** Whether a request would be admitted without waiting: never past somebody who waits. */
  fits(need: number): boolean
  /** Admits the request of the running fiber and resumes it here, or puts it in line. */
  enter(request: WaitQueue.Waiter): void
  /** Puts the request of a suspended fiber in line, and wakes it once it is admitted. */
  join(request: WaitQueue.Waiter): void
  /** Ends a request: what it holds is free again, and it waits no longer. */
  leave(request: WaitQueue.Waiter): void
  /** Changes the total. What is held stays held; returns the requests that ask for more than it. */
  resize(total: number): ReadonlyArray<WaitQueue.Waiter>
}

/** Creates permits that observers see as held by the fibers whose requests were admitted. */
export const makeHeld = (kind: string, name: string | undefined, total: number): Permits => {
  const holders = () => LinkedList.toArray(permits.holders).map(({ fiber }) => fiber)
  const permits = make(Waits.resource({ kind, name, holders }), total)
  return permits
}

/** Creates the permits of `resource`, all of them free. */
export const make = (resource: Waits.Resource, initial: number): Permits => {
  // Invariants, whenever no function below is on the stack:
  //   1. `taken` is the sum of what the holders need; only a resize can leave it above `total`.
  //   2. The first waiter does not fit, or it would have been admitted.
  //   3. A request is in `waiters`, or in `holders` and admitted, or it is over.
  let total = initial
  let taken = 0
  const holders = LinkedList.make<WaitQueue.Waiter>()
  const waiters = WaitQueue.make(resource)

  const admit = (request: WaitQueue.Waiter) => {
    taken += request.need
    request.admitted = true
    LinkedList.append(holders, request)
  }

  const admitNext = () => {
    // Permits change hands in this step, not when the waiter wakes: nobody can come between.
    for (
      let next = waiters.first;
      next !== undefined && taken + next.need <= total;
      next = waiters.first
    ) {
      waiters.remove(next)
      admit(next)
      WaitQueue.wake(next)
    }
  }

  const join = (request: WaitQueue.Waiter) => {
    waiters.push(request)
    // A higher priority may pass those who wait for more than is free.
    if (waiters.first === request) admitNext()
  }

  const fits = (need: number) => waiters.size === 0 && taken + need <= total

  return {
    resource,
    get total() {
      return total
    },
    get taken() {
      return taken
    },
    get waiting() {
      return waiters.size
    },
    holders,
    fits,
    enter: (request) => {
      if (!fits(request.need)) return join(request)
      admit(request)
      request.resume(request.proceed)
    },
    join,
    leave: (request) => {
      if (request.admitted) {
        request.admitted = false
        LinkedList.remove(holders, request)
        taken -= request.need
      } else request.line?.remove(request)
      if (waiters.size > 0) admitNext()
    },
    resize: (to) => {
      total = to
      const tooLarge = waiters.toArray().filter(({ need }) => need > total)
      tooLarge.forEach(waiters.remove)
      admitNext()
      return tooLarge
    }
  }
}

/**
 * Runs what a request proceeds with while it is held, and ends the request on any exit.
 *
 * With `otherwise`, runs that instead where the request would have to wait. With `ended`, a fiber that
 * waits in the name of the request when it ends goes on with that. With `refuse`, runs what it makes
 * of the need and the total, where the need is larger and could never be met.
 */
export const hold = <A, E, R>(
  permits: Permits,
  request: WaitQueue.Waiter & { readonly proceed: Effect.Effect<A, E, R> },
  otherwise?: Effect.Effect<A>,
  ended?: Effect.Effect<never>,
  refuse?: (need: number, total: number) => Effect.Effect<never>
): Effect.Effect<A, E, R> =>
  Effect.onExitPrimitive(
    Effect.callback<A, E, R>((resume) => {
      const { need } = request
      // Hazard: the total may have become smaller since the caller looked at it.
      if (refuse !== undefined && need > permits.total) return resume(refuse(need, permits.total))
      if (otherwise !== undefined && !permits.fits(need)) return resume(otherwise)
      request.resume = resume
      permits.enter(request)
    }),
    // Hazard: an interrupt can land after the admission, before the wake-up. This finalizer covers
    // the request from its first step to its last, so the permits come back whenever it lands.
    () => {
      const waits = request.line !== undefined
      permits.leave(request)
      if (waits && ended !== undefined) WaitQueue.wake(request, ended)
      return undefined
    }
  )

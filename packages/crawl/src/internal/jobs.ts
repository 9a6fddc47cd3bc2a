/** Gives workers their jobs: what the frontier has for them, or else they wait for it here. */
import * as Semaphore from "@fibra/tasks/Semaphore"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { Frontier, Next, Settlement } from "../Frontier.ts"
import { failedIn, type Job, type JobFailed } from "../Job.ts"
import type { Now } from "./steadyClock.ts"

export type Work = Extract<Next, { readonly _tag: "FetchPage" | "FetchRobots" }>
type Paused = Exclude<Next, Work>

/** The bound at which a crawl has stopped, with pages left. */
export type Stop = "pages" | "time" | "bytes" | "hosts"

interface Options {
  readonly job: Job
  readonly frontier: Frontier
  readonly now: Now
  /** No job is given from this time on. */
  readonly endMillis: number
  /** Nor when this many bytes have come. */
  readonly bytesMax: number
  readonly bytesReceived: () => number
}

/** Where jobs bring what is to last. */
interface Committer<E> {
  readonly putRow: (settlement: Settlement, row: undefined) => Effect.Effect<void, E>
  readonly flush: Effect.Effect<void, E>
}

export interface Jobs {
  /**
   * The next job; `Finished` when there will be none. That comes only when nothing is being fetched, so
   * that whoever waits here sees all that was found.
   */
  readonly take: <E>(
    committer: Committer<E>
  ) => Effect.Effect<Work | { readonly _tag: "Finished" }, E | JobFailed>
  /** To be called when the frontier has changed. */
  readonly changed: () => void
  readonly stoppedAt: () => Stop | undefined
}

export const make = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<Jobs> {
  const { frontier, job, now } = options
  let stoppedAt: Stop | undefined
  // One worker at a time waits for a job, and this wakes it.
  const turn = yield* Semaphore.make(1)
  const changes = yield* Queue.sliding<void>(1)
  const changed = () => void Queue.offerUnsafe(changes, undefined)

  const limitReached = (nowMillis: number): Stop | undefined => {
    if (nowMillis >= options.endMillis) return "time"
    return options.bytesReceived() >= options.bytesMax ? "bytes" : undefined
  }

  const next = <E>(committer: Committer<E>): Effect.Effect<Next, E | JobFailed> =>
    Effect.suspend((): Effect.Effect<Next, E | JobFailed> => {
      const nowMillis = now()
      stoppedAt ??= limitReached(nowMillis)
      if (stoppedAt !== undefined) return finished
      let given: Next
      let forbidden: ReadonlyArray<Settlement>
      try {
        given = frontier.next(nowMillis)
        forbidden = frontier.takeForbidden()
      } catch (cause) {
        return Effect.fail(failedIn(job.directory, cause))
      }
      if (forbidden.length === 0) return Effect.succeed(given)
      const put = (settlement: Settlement) => committer.putRow(settlement, undefined)
      return Effect.as(Effect.forEach(forbidden, put, { discard: true }), given)
    })

  const pause = <E>(committer: Committer<E>, paused: Paused): Effect.Effect<void, E> => {
    if (paused._tag === "Idle" && paused.needsCommit) return committer.flush
    if (paused._tag !== "WaitUntil") return Queue.take(changes)
    const until = Math.min(paused.millis, options.endMillis)
    return Effect.suspend(() => {
      const millis = until - now()
      return Effect.asVoid(Effect.timeoutOption(Queue.take(changes), Duration.millis(millis)))
    })
  }

  const wait = <E>(committer: Committer<E>) =>
    Effect.gen(function* () {
      while (true) {
        const given = yield* next(committer)
        if (isWork(given)) return given
        if (given._tag === "Parked") stoppedAt = "hosts"
        else if (given._tag !== "Finished") yield* pause(committer, given)
        else {
          if (stoppedAt === undefined && frontier.counts().left > 0) stoppedAt = "pages"
          return given
        }
      }
    }).pipe(turn.withPermit)

  return {
    // Nearly always there is something to do, and then there is nothing to wait for.
    take: (committer) =>
      Effect.flatMap(next(committer), (given) =>
        isWork(given) ? Effect.succeed(given) : wait(committer)
      ),
    changed,
    stoppedAt: () => stoppedAt
  }
})

const isWork = (next: Next): next is Work =>
  next._tag === "FetchPage" || next._tag === "FetchRobots"

const finished = Effect.succeed({ _tag: "Finished" } as const)

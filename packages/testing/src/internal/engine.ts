/**
 * Runs fibers on one dispatcher and a clock of its own.
 *
 * Everything that could differ between two runs is decided here: which fiber pauses where, which task
 * is next, which timer is first. Time stands still while a task can run, then jumps to the next timer.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as EffectRandom from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import * as Waits from "@fibra/tasks/Waits"
import type { Decisions } from "./decisions.ts"
import * as Random from "./random.ts"
import * as ReadyQueue from "./readyQueue.ts"
import * as Timers from "./timers.ts"
import * as Trace from "./trace.ts"
import { type AnyFiber, makeTrack, type Track } from "./tracking.ts"

/** Why the fibers stand still: a goal is reached, nothing can run any more, or the steps are used up. */
export type Halt = "reached" | "quiescent" | "exhausted"

export interface Engine {
  /** Fibers that have started and not ended, in order of appearance. */
  readonly alive: ReadonlyMap<AnyFiber, Track>
  /** What they wait for, where the primitive says so. */
  readonly waits: ReadonlyMap<AnyFiber, Waits.Resource>
  readonly timers: Timers.Timers<Sleep>
  /** Operations of all fibers so far. */
  readonly steps: number
  /** Times that nothing ran, and somebody outside could have acted. */
  readonly suspensions: number
  /** Milliseconds of virtual time. */
  readonly now: number
  readonly traceHash: string
  /** Starts a fiber, and runs it up to its first suspension. */
  start<A, E, R>(program: Effect.Effect<A, E, R>, services: Context.Context<R>): Fiber.Fiber<A, E>
  /** Runs what can run until `isReached`; without `time`, no timer fires. */
  drive(options: {
    readonly isReached: () => boolean
    readonly time: boolean
    readonly stepsMax: number
    readonly onSuspension?: (() => void) | undefined
  }): Effect.Effect<Halt>
  /** From now on tasks go to Effect's own scheduler: fibers that the outside resumes can still end. */
  close(): void
}

/** A fiber that sleeps. */
export interface Sleep extends Timers.Timer {
  readonly fiber: AnyFiber
}

interface Task extends ReadyQueue.Task {}

export const make = (decisions: Decisions, random: Random.Random): Engine => {
  const alive = new Map<AnyFiber, Track>()
  const waits = new Map<AnyFiber, Waits.Resource>()
  const timers = Timers.make<Sleep>()
  const ready = ReadyQueue.make<Task>()
  const trace = Trace.make()
  const outside = makeTrack(0, undefined)
  let appeared = 0
  let steps = 0
  let stepsLimit = Infinity
  let suspensions = 0
  let now = 0
  let sleeps = 0
  let isClosed = false
  // The fiber that ran last, so that most steps need no look-up.
  let fiberAtWork: AnyFiber | undefined
  let trackAtWork = outside

  const trackOf = (fiber: AnyFiber): Track => {
    const known = alive.get(fiber)
    if (known !== undefined) return known
    const track = makeTrack(++appeared, fiber)
    alive.set(fiber, track)
    fiber.addObserver(() => {
      alive.delete(fiber)
      if (fiberAtWork === fiber) fiberAtWork = undefined
    })
    return track
  }

  const runNext = () => ready.shift().run()

  const schedule = (run: () => void, author: Track, isTimer: boolean) =>
    ready.push({ run }, decisions.passes(author, ready.size, isTimer))

  const late = new Scheduler.MixedScheduler().makeDispatcher()
  const dispatcher: Scheduler.SchedulerDispatcher = {
    scheduleTask: (run, priority) => {
      if (isClosed) return late.scheduleTask(run, priority)
      const fiber = Fiber.getCurrent()
      schedule(run, (fiber && alive.get(fiber)) ?? outside, false)
    },
    flush: () => {
      while (ready.size > 0) runNext()
    }
  }

  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    makeDispatcher: () => dispatcher,
    shouldYield: (fiber) => {
      steps++
      if (fiber !== fiberAtWork) {
        trackAtWork = trackOf(fiber)
        fiberAtWork = fiber
      }
      // Hazard: paused before its first step, a fiber that was interrupted before it started would
      // start, and one that is paused at each wake-up would never get on.
      const operation = fiber.currentOpCount
      if (operation === 1) {
        trackAtWork.ranAt = steps
        trace.add(trackAtWork.number)
        trace.add(steps)
        return false
      }
      if (operation >= fiber.cache.maxOpsBeforeYield || steps >= stepsLimit) return true
      if (decisions.pauses(trackAtWork)) return true
      trackAtWork.operations++
      return false
    }
  }

  const clock = makeClock(
    () => now,
    (millis) =>
      Effect.withFiber((fiber) =>
        Effect.callback<void>((resume) => {
          const timer: Sleep = {
            deadline: now + millis,
            created: sleeps++,
            fire: () => resume(Effect.void),
            fiber,
            index: -1
          }
          timers.add(timer)
          return Effect.sync(() => timers.remove(timer))
        })
      )
  )

  const listener: Waits.Listener = {
    waiting: (fiber, resource) => void waits.set(fiber, resource),
    waited: (fiber, resource) => {
      if (waits.get(fiber) === resource) waits.delete(fiber)
    }
  }

  /** Lets all timers that are due next fire, as tasks whose order is open. */
  const advance = (first: Sleep) => {
    now = first.deadline
    trace.add(Math.round(now * 1000))
    for (let due: Sleep | undefined = first; due?.deadline === now; due = timers.first) {
      timers.remove(due)
      schedule(due.fire, alive.get(due.fiber) ?? outside, true)
    }
  }

  const drive: Engine["drive"] = ({ isReached, onSuspension, stepsMax, time }) =>
    Effect.gen(function* () {
      stepsLimit = steps + stepsMax
      const suspended = () => {
        if (isReached()) return
        suspensions++
        onSuspension?.()
      }
      const drain = () => {
        while (ready.size > 0 && steps < stepsLimit && !isReached()) {
          runNext()
          suspended()
        }
      }
      suspended()
      for (;;) {
        drain()
        if (isReached()) return "reached"
        if (steps >= stepsLimit) return "exhausted"
        // One turn of the host: promises that need nothing but microtasks are settled after it.
        const before = steps
        yield* Effect.yieldNow
        if (steps > before) suspended()
        if (ready.size > 0 || steps > before) continue
        const { first } = timers
        if (first === undefined || !time) return "quiescent"
        advance(first)
      }
    })

  return {
    alive,
    waits,
    timers,
    get steps() {
      return steps
    },
    get suspensions() {
      return suspensions
    },
    get now() {
      return now
    },
    get traceHash() {
      return trace.digest()
    },
    start: (program, services) => {
      const context = services.pipe(
        Context.add(Clock.Clock, clock),
        Context.add(EffectRandom.Random, makeRandom(random)),
        Context.add(Waits.Observer, listener)
      )
      return Effect.runForkWith(context)(program, { scheduler })
    },
    drive,
    close: () => {
      isClosed = true
    }
  }
}

const makeClock = (
  now: () => number,
  wait: (millis: number) => Effect.Effect<void>
): Clock.Clock => {
  const nanos = () => BigInt(Math.round(now() * 1_000_000))
  return {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: (duration) => {
      const millis = Duration.toMillis(duration)
      if (millis <= 0) return Effect.yieldNow
      return Number.isFinite(millis) ? wait(millis) : Effect.never
    }
  }
}

const makeRandom = (random: Random.Random): EffectRandom.Random => ({
  nextDoubleUnsafe: random,
  nextIntUnsafe: () => {
    const magnitude = Random.below(random, 2 ** 21) * 2 ** 32 + Random.below(random, 2 ** 32)
    return random() < 0.5 ? magnitude : -magnitude
  }
})

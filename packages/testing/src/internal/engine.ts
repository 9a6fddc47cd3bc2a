/**
 * One dispatcher and a clock, on which fibers run and nothing happens by itself.
 *
 * Everything that could differ between two runs is decided here: which fiber pauses where, which task
 * is next, which timer is first.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as EffectRandom from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import * as Stepwise from "@fibra/tasks/Stepwise"
import * as Waits from "@fibra/tasks/Waits"
import type { Decisions } from "./decisions.ts"
import * as Random from "./random.ts"
import * as ReadyQueue from "./readyQueue.ts"
import * as Timers from "./timers.ts"
import * as Trace from "./trace.ts"
import * as Tracking from "./tracking.ts"
import * as VirtualClock from "./virtualClock.ts"

type AnyFiber = Tracking.AnyFiber

export interface Engine {
  readonly tracks: Tracking.Tracks
  /** What fibers wait for, where the primitive says so. */
  readonly waits: ReadonlyMap<AnyFiber, Waits.Resource>
  /** Fibers that sleep. */
  readonly timers: Timers.Timers<Sleep>
  /** Operations of fibers, and tasks of the dispatcher, so far. */
  readonly steps: number
  /** Milliseconds of virtual time. */
  readonly now: number
  readonly traceHash: string
  /** Whether a task waits to be run. */
  readonly isReady: boolean
  /** Lets fibers run until there were so many steps. */
  setLimit(steps: number): void
  /** Starts a fiber, and runs it up to its first suspension. */
  start<A, E, R>(program: Effect.Effect<A, E, R>, services: Context.Context<R>): Fiber.Fiber<A, E>
  /** Runs the next task; false when there is none, or the steps are used up. */
  runNext(): boolean
  /** Lets time jump to the next timers, and makes tasks of them; false when there are none. */
  fireNext(): boolean
  /** From now on tasks go to Effect's own scheduler: fibers that the outside resumes can still end. */
  close(): void
}

interface Sleep extends Timers.Timer {
  readonly fiber: AnyFiber | undefined
}

interface Task extends ReadyQueue.Task {
  /** The fork whose fiber starts in this task. */
  readonly birth: Tracking.Birth | undefined
}

export const make = (decisions: Decisions, random: Random.Random): Engine => {
  const tracks = Tracking.make()
  const waits = new Map<AnyFiber, Waits.Resource>()
  const timers = Timers.make<Sleep>()
  const ready = ReadyQueue.make<Task>()
  const trace = Trace.make()
  let steps = 0
  let stepsLimit = 0
  let now = 0
  let sleeps = 0
  let isClosed = false
  // Whether a task runs. If none does, a fiber that wakes was resumed by a promise, or interrupted.
  let isAtWork = false
  // The fiber that ran last, so that most steps need no look-up.
  let fiberAtWork: AnyFiber | undefined
  let trackAtWork = tracks.of(undefined)

  const schedule = (run: () => void, author: Tracking.Track, isTimer: boolean) =>
    ready.push({ run, birth: tracks.takeNewborn() }, decisions.passes(author, ready.size, isTimer))

  const work = <A>(task: () => A): A => {
    isAtWork = true
    const result = task()
    isAtWork = false
    return result
  }

  const runNext = () => {
    if (ready.size === 0 || steps >= stepsLimit) return false
    steps++
    const { birth, run } = ready.shift()
    tracks.setNewborn(birth)
    work(run)
    tracks.setNewborn(undefined)
    return true
  }

  const late = new Scheduler.MixedScheduler().makeDispatcher()
  const dispatcher: Scheduler.SchedulerDispatcher = {
    scheduleTask: (run, priority) => {
      if (isClosed) late.scheduleTask(run, priority)
      else schedule(run, tracks.of(Fiber.getCurrent()), false)
    },
    flush: () => {
      while (runNext()) {}
    }
  }

  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    makeDispatcher: () => dispatcher,
    shouldYield: (fiber) => {
      steps++
      if (fiber !== fiberAtWork) {
        trackAtWork = tracks.ofRunning(fiber)
        fiberAtWork = fiber
      }
      // Hazard: paused before its first operation, a fiber that was interrupted before it started
      // would start, and one that is paused after each wake-up would never get on.
      if (fiber.currentOpCount === 1) {
        trackAtWork.ranAt = steps
        trace.add(trackAtWork.appeared)
        trace.add(steps)
        return false
      }
      if (fiber.currentOpCount >= fiber.cache.maxOpsBeforeYield || steps >= stepsLimit) {
        trackAtWork.ranAt = steps
        return true
      }
      // It waits for its turn like all others, so that what comes first is the seed's to decide.
      if (!isAtWork && trackAtWork.pausedAt !== trackAtWork.operations) {
        trackAtWork.pausedAt = trackAtWork.operations
        return true
      }
      if (decisions.pauses(trackAtWork)) return true
      trackAtWork.operations++
      return false
    }
  }

  const wait = (millis: number) =>
    Effect.callback<void>((resume) => {
      const fire = () => resume(Effect.void)
      const fiber = Fiber.getCurrent()
      const sleep = { deadline: now + millis, created: sleeps++, fire, fiber, index: -1 }
      timers.add(sleep)
      return Effect.sync(() => timers.remove(sleep))
    })

  const services = Context.empty().pipe(
    Context.add(
      Clock.Clock,
      VirtualClock.make(() => now, wait)
    ),
    Context.add(EffectRandom.Random, Random.service(random)),
    Context.add(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => tracks.bear(Fiber.getCurrent()),
      recordFiberEnd: () => {}
    }),
    Context.add(Stepwise.Stepwise, true),
    Context.add(Waits.Observer, {
      waiting: (fiber, resource) => void waits.set(fiber, resource),
      waited: (fiber, resource) => {
        if (waits.get(fiber) === resource) waits.delete(fiber)
      }
    })
  )

  return {
    tracks,
    waits,
    timers,
    get steps() {
      return steps
    },
    get now() {
      return now
    },
    get traceHash() {
      return trace.digest()
    },
    get isReady() {
      return ready.size > 0
    },
    setLimit: (limit) => {
      stepsLimit = limit
    },
    start: (program, outer) =>
      work(() => Effect.runForkWith(Context.merge(outer, services))(program, { scheduler })),
    runNext,
    fireNext: () => {
      const { first } = timers
      if (first === undefined) return false
      now = first.deadline
      trace.add(Math.round(now * 1000))
      for (let due: Sleep | undefined = first; due?.deadline === now; due = timers.first) {
        timers.remove(due)
        schedule(due.fire, tracks.of(due.fiber), true)
      }
      return true
    },
    close: () => {
      isClosed = true
    }
  }
}

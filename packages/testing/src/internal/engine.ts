/**
 * Runs fibers on one dispatcher and a clock of its own.
 *
 * Everything that could differ between two runs is decided here: which fiber pauses where, which task
 * is next, which timer is first. Time stands still while a task can run, then jumps to the next timer.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as EffectRandom from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import * as Waits from "@fibra/tasks/Waits"
import type { Decisions } from "./decisions.ts"
import * as Random from "./random.ts"
import * as ReadyQueue from "./readyQueue.ts"
import * as Timers from "./timers.ts"
import * as Trace from "./trace.ts"
import { type AnyFiber, type Birth, makeTrack, type Track } from "./tracking.ts"
import * as VirtualClock from "./virtualClock.ts"

/** Why all stands still: the goal is reached, nothing can run any more, or the steps are used up. */
export type Halt = "reached" | "quiescent" | "exhausted"

export interface Engine {
  /** Fibers that have started and not ended, in order of appearance. */
  readonly alive: ReadonlyMap<AnyFiber, Track>
  /** Whether no fiber is alive, and none is about to start. */
  readonly isEmpty: boolean
  /** What is known of a fiber; that of the outside where it is none of the run, or has ended. */
  trackOf(fiber: AnyFiber | undefined): Track
  /** What they wait for, where the primitive says so. */
  readonly waits: ReadonlyMap<AnyFiber, Waits.Resource>
  /** Those of them that sleep. */
  readonly timers: Timers.Timers<Sleep>
  /** Operations of fibers, and tasks of the dispatcher, so far. */
  readonly steps: number
  /** How often nothing ran, and somebody outside could have acted. */
  readonly suspensions: number
  /** Milliseconds of virtual time. */
  readonly now: number
  readonly traceHash: string
  /** Starts a fiber, and runs it up to its first suspension, or for so many steps. */
  start<A, E, R>(
    program: Effect.Effect<A, E, R>,
    services: Context.Context<R>,
    stepsMax: number
  ): Fiber.Fiber<A, E>
  /** Runs what can run, up to the goal; no timer fires while time is frozen. */
  drive(goal: Goal): Effect.Effect<Halt>
  /** From now on tasks go to Effect's own scheduler: fibers that the outside resumes can still end. */
  close(): void
}

export interface Goal {
  readonly isReached: () => boolean
  readonly isTimeFrozen: boolean
  /** Steps from here on. */
  readonly stepsMax: number
  /** Called when nothing runs. */
  readonly onSuspension?: (() => void) | undefined
}

/** A fiber that sleeps. */
export interface Sleep extends Timers.Timer {
  readonly fiber: AnyFiber | undefined
}

interface Task extends ReadyQueue.Task {
  /** The fork whose fiber starts in this task. */
  readonly birth: Birth | undefined
}

/** A program that never stands still gives the host a turn after so many tasks. */
const tasksPerTurn = 1000

export const make = (decisions: Decisions, random: Random.Random): Engine => {
  const alive = new Map<AnyFiber, Track>()
  const waits = new Map<AnyFiber, Waits.Resource>()
  const timers = Timers.make<Sleep>()
  const ready = ReadyQueue.make<Task>()
  const trace = Trace.make()
  const outside = makeTrack(0)
  let appeared = 0
  let steps = 0
  let stepsLimit = 0
  let suspensions = 0
  let now = 0
  let sleeps = 0
  let isClosed = false
  // Whether a task runs. If none does, a fiber that wakes was resumed by a promise, or interrupted.
  let isAtWork = false
  // The fiber that ran last, so that most steps need no look-up.
  let fiberAtWork: AnyFiber | undefined
  let trackAtWork = outside
  // A fiber is born without an identity: it is the one that then runs, or that the next task starts.
  let newborn: Birth | undefined

  const trackOf = (fiber: AnyFiber | undefined): Track =>
    (fiber === undefined ? undefined : alive.get(fiber)) ?? outside

  const appear = (fiber: AnyFiber): Track => {
    const track = makeTrack(++appeared, fiber, newborn)
    newborn = undefined
    alive.set(fiber, track)
    fiber.addObserver(() => alive.delete(fiber))
    return track
  }

  const schedule = (run: () => void, author: Track, isTimer: boolean) => {
    ready.push({ run, birth: newborn }, decisions.passes(author, ready.size, isTimer))
    newborn = undefined
  }

  const runNext = () => {
    const { birth, run } = ready.shift()
    const wasAtWork = isAtWork
    isAtWork = true
    steps++
    newborn = birth
    run()
    newborn = undefined
    isAtWork = wasAtWork
  }

  const canRun = () => ready.size > 0 && steps < stepsLimit

  const late = new Scheduler.MixedScheduler().makeDispatcher()
  const dispatcher: Scheduler.SchedulerDispatcher = {
    scheduleTask: (run, priority) => {
      if (isClosed) late.scheduleTask(run, priority)
      else schedule(run, trackOf(Fiber.getCurrent()), false)
    },
    flush: () => {
      while (canRun()) runNext()
    }
  }

  const scheduler: Scheduler.Scheduler = {
    executionMode: "async",
    makeDispatcher: () => dispatcher,
    shouldYield: (fiber) => {
      steps++
      if (fiber !== fiberAtWork) {
        trackAtWork = alive.get(fiber) ?? appear(fiber)
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

  /** Lets all timers that are due next fire, as tasks whose order is open. */
  const advance = (first: Sleep) => {
    now = first.deadline
    trace.add(Math.round(now * 1000))
    for (let due: Sleep | undefined = first; due?.deadline === now; due = timers.first) {
      timers.remove(due)
      schedule(due.fire, trackOf(due.fiber), true)
    }
  }

  const drive = Effect.fnUntraced(function* (goal: Goal): Effect.fn.Return<Halt> {
    stepsLimit = steps + goal.stepsMax
    const suspended = () => {
      if (goal.isReached()) return
      suspensions++
      goal.onSuspension?.()
    }
    suspended()
    for (;;) {
      for (let task = 0; task < tasksPerTurn && canRun() && !goal.isReached(); task++) {
        runNext()
        suspended()
      }
      if (goal.isReached()) return "reached"
      if (steps >= stepsLimit) return "exhausted"
      // A turn of the host: promises that need microtasks only are settled after it.
      const before = steps
      yield* Effect.yieldNow
      if (steps > before) suspended()
      if (steps > before || ready.size > 0) continue
      const { first } = timers
      if (first === undefined || goal.isTimeFrozen) return "quiescent"
      advance(first)
    }
  })

  const services = Context.empty().pipe(
    Context.add(
      Clock.Clock,
      VirtualClock.make(() => now, wait)
    ),
    Context.add(EffectRandom.Random, Random.service(random)),
    Context.add(Metric.FiberRuntimeMetrics, {
      recordFiberStart: () => {
        const parent = trackOf(Fiber.getCurrent())
        newborn = { parent, index: ++parent.forked }
      },
      recordFiberEnd: () => {}
    }),
    Context.add(Waits.Observer, {
      waiting: (fiber, resource) => void waits.set(fiber, resource),
      waited: (fiber, resource) => {
        if (waits.get(fiber) === resource) waits.delete(fiber)
      }
    })
  )

  return {
    alive,
    get isEmpty() {
      return alive.size === 0 && ready.size === 0
    },
    trackOf,
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
    start: (program, outer, stepsMax) => {
      stepsLimit = stepsMax
      isAtWork = true
      const fiber = Effect.runForkWith(Context.merge(outer, services))(program, { scheduler })
      isAtWork = false
      return fiber
    },
    drive,
    close: () => {
      isClosed = true
    }
  }
}

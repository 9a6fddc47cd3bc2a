/** Sees the fibers that an effect starts and the sleeps that they begin, on any runtime. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Scheduler from "effect/Scheduler"
import * as Waits from "@fibra/tasks/Waits"

type AnyFiber = Fiber.Fiber<unknown, unknown>

export interface Watch {
  /** What the watched effect needs in place of its own: inherited by all fibers that it starts. */
  readonly services: Context.Context<never>
  /** How many of those fibers have not ended. */
  readonly running: number
  /** Their names, and those of the fibers that sleep. */
  names(): { readonly fibers: ReadonlyArray<string>; readonly timers: ReadonlyArray<string> }
  /** Interrupts them. */
  interrupt(): void
}

/** Watches what the fiber `outer` is about to run. */
export const make = (outer: AnyFiber): Watch => {
  // Invariants: `alive` holds the fibers that have done an operation and have not ended; the count
  // `running` also those that have done none, or may not be asked to yield.
  const alive = new Set<AnyFiber>()
  const sleeping = new Map<AnyFiber, number>()
  let running = 0

  const own = Context.make(Clock.Clock, outer.getRef(Clock.Clock)).pipe(
    Context.add(Scheduler.Scheduler, outer.getRef(Scheduler.Scheduler)),
    Context.add(Metric.FiberRuntimeMetrics, outer.getRef(Metric.FiberRuntimeMetrics))
  )
  const clock = Context.get(own, Clock.Clock)
  const scheduler = Context.get(own, Scheduler.Scheduler)
  const metrics = Context.get(own, Metric.FiberRuntimeMetrics)

  let last: AnyFiber | undefined = outer
  const see = (fiber: AnyFiber) => {
    if (fiber === last || fiber === outer || alive.has(fiber)) return
    alive.add(fiber)
    fiber.addObserver(() => void alive.delete(fiber))
  }

  const sleep: Clock.Clock["sleep"] = (duration) =>
    Effect.withFiber((fiber) => {
      const count = (change: 1 | -1) => {
        const sleeps = (sleeping.get(fiber) ?? 0) + change
        if (sleeps === 0) sleeping.delete(fiber)
        else sleeping.set(fiber, sleeps)
      }
      count(1)
      // The fiber that `TestClock` starts for its warning is none of the program's.
      return clock
        .sleep(duration)
        .pipe(Effect.provideContext(own), Effect.ensuring(Effect.sync(() => count(-1))))
    })

  return {
    services: Context.make(
      Clock.Clock,
      new Proxy(clock, {
        get: (target, key) => (key === "sleep" ? sleep : Reflect.get(target, key))
      })
    ).pipe(
      Context.add(Scheduler.Scheduler, {
        executionMode: scheduler.executionMode,
        makeDispatcher: () => scheduler.makeDispatcher(),
        shouldYield: (fiber) => {
          see(fiber)
          last = fiber
          return scheduler.shouldYield(fiber)
        }
      }),
      Context.add(Metric.FiberRuntimeMetrics, {
        recordFiberStart: (context) => {
          running++
          metrics?.recordFiberStart(context)
        },
        recordFiberEnd: (context, exit) => {
          running--
          metrics?.recordFiberEnd(context, exit)
        }
      })
    ),
    get running() {
      return running
    },
    names: () => ({
      fibers: [
        ...Array.from(alive, (fiber) => nameOf(fiber, outer)),
        ...Array.from({ length: running - alive.size }, () => "a fiber that was not seen")
      ],
      timers: Array.from(sleeping.keys(), (fiber) => nameOf(fiber, outer))
    }),
    interrupt: () => {
      for (const fiber of alive) fiber.interruptUnsafe()
    }
  }
}

/** The task of a fiber, and the function or span that it is in and where that was called. */
const nameOf = (fiber: AnyFiber, outer: AnyFiber): string => {
  const frame = fiber.cache.stackFrame
  const name = Waits.taskName(fiber)
  if (frame === undefined || frame === outer.cache.stackFrame) return name
  const place = frame.stack()?.split("\n")[0]?.trim() ?? ""
  return `${name} in ${frame.name} ${place}`.trimEnd()
}

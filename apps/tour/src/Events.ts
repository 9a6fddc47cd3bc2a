/**
 * What the tasks of one run do, and when: read from the scheduler, the clock and the observer of waits
 * that the run uses, so that a lesson needs no change to be drawn.
 */
import { Waits } from "@fibra/tasks"
import { Clock, Console, Duration, Effect, Exit, Fiber, Scheduler } from "effect"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** A fiber of the run. */
export interface Task {
  /** The name it was given, or `main`; none for helpers, such as the timer of a deadline. */
  name: string | undefined
}

export type Event = { readonly at: number; readonly task: Task } & (
  | { readonly kind: "start" | "resume" }
  | { readonly kind: "sleep"; readonly millis: number }
  /** `on` is what it waits for, as far as that says so. */
  | { readonly kind: "wait"; readonly on: string | undefined }
  | { readonly kind: "interrupt"; readonly by: string | undefined }
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "end"; readonly how: "done" | "failed" | "interrupted" }
)

export interface Recorder {
  /** In the order in which they happened. */
  readonly events: () => ReadonlyArray<Event>
  /** Runs a program, whose fibers are recorded from now on. */
  readonly record: <A, E, R>(program: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Track {
  readonly task: Task
  /** When it ran last, and how many events there were by then. */
  lastAt: number
  lastEvent: number
  isWaiting: boolean
  /** What it waits for has let it go on. */
  isReleased: boolean
}

export const make = (): Recorder => {
  // A wait for something that does not say so is known only when it is over: it has its place, though.
  const events: Array<Event & { readonly place: number }> = []
  const tracks = new Map<AnyFiber, Track>()
  const ids = new Map<number, Track>()
  const names = new Set<string>()
  let now = () => 0

  const add = (event: Event, place = events.length) => void events.push({ ...event, place })

  const ran = (track: Track) => {
    track.lastAt = now()
    track.lastEvent = events.length
  }

  const appear = (fiber: AnyFiber): Track => {
    const track: Track = {
      task: { name: tracks.size === 0 ? "main" : undefined },
      lastAt: now(),
      lastEvent: events.length,
      isWaiting: false,
      isReleased: false
    }
    tracks.set(fiber, track)
    ids.set(fiber.id, track)
    add({ at: now(), task: track.task, kind: "start" })
    fiber.addObserver((exit) => add({ at: now(), task: track.task, kind: "end", how: howOf(exit) }))
    watchInterrupts(fiber, track)
    return track
  }

  /** The first fiber that has a name is the task of that name; the others inherited it. */
  const nameTask = (fiber: AnyFiber, { task }: Track) => {
    if (task.name !== undefined) return
    const name = nameOf(fiber)
    if (name === undefined || names.has(name)) return
    names.add(name)
    task.name = name
  }

  const watchInterrupts = (fiber: AnyFiber, track: Track) => {
    const interrupt = fiber.interruptUnsafe.bind(fiber)
    const interruptUnsafe: AnyFiber["interruptUnsafe"] = (id, annotations) => {
      if (fiber.pollUnsafe() === undefined) {
        const by = id === undefined ? undefined : ids.get(id)?.task.name
        add({ at: now(), task: track.task, kind: "interrupt", by })
        track.isWaiting = false
        ran(track)
      }
      interrupt(id, annotations)
    }
    Object.assign(fiber, { interruptUnsafe })
  }

  const step = (fiber: AnyFiber) => {
    const track = tracks.get(fiber) ?? appear(fiber)
    nameTask(fiber, track)
    const isAwake = fiber.currentOpCount === 1
    if (!isAwake && !track.isReleased) return
    if (!track.isWaiting && now() > track.lastAt) {
      add({ at: track.lastAt, task: track.task, kind: "wait", on: undefined }, track.lastEvent)
      track.isWaiting = true
    }
    if (track.isWaiting) add({ at: now(), task: track.task, kind: "resume" })
    track.isWaiting = false
    track.isReleased = false
    ran(track)
  }

  const suspends = (fiber: AnyFiber | undefined, event: (task: Task) => Event) => {
    const track = fiber === undefined ? undefined : tracks.get(fiber)
    if (track === undefined) return
    add(event(track.task))
    track.isWaiting = true
    track.isReleased = false
  }

  const scheduler = (base: Scheduler.Scheduler): Scheduler.Scheduler => ({
    executionMode: base.executionMode,
    makeDispatcher: () => base.makeDispatcher(),
    shouldYield: (fiber) => {
      step(fiber)
      return base.shouldYield(fiber)
    }
  })

  const clock = (base: Clock.Clock): Clock.Clock => ({
    currentTimeMillisUnsafe: () => base.currentTimeMillisUnsafe(),
    currentTimeMillis: base.currentTimeMillis,
    currentTimeNanosUnsafe: () => base.currentTimeNanosUnsafe(),
    currentTimeNanos: base.currentTimeNanos,
    monotonicTimeNanosUnsafe: () => base.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: base.monotonicTimeNanos,
    sleep: (duration) =>
      Effect.suspend(() => {
        const millis = Duration.toMillis(duration)
        if (millis > 0) {
          suspends(Fiber.getCurrent(), (task) => ({ at: now(), task, kind: "sleep", millis }))
        }
        return base.sleep(duration)
      })
  })

  const observer = (base: Waits.Listener | undefined): Waits.Listener => ({
    waiting: (fiber, resource) => {
      base?.waiting(fiber, resource)
      const holders = resource.holders().map((holder) => tracks.get(holder)?.task.name)
      suspends(fiber, (task) => ({
        at: now(),
        task,
        kind: "wait",
        on: describe(resource, holders)
      }))
    },
    waited: (fiber, resource) => {
      base?.waited(fiber, resource)
      const track = tracks.get(fiber)
      if (track?.isWaiting === true) track.isReleased = true
    }
  })

  const console = (base: Console.Console): Console.Console =>
    Object.assign(Object.create(base), {
      log: (...words: ReadonlyArray<unknown>) => {
        const track = tracks.get(Fiber.getCurrent()!)
        const text = words.map(String).join(" ")
        if (track !== undefined) add({ at: now(), task: track.task, kind: "print", text })
      }
    })

  return {
    events: () => events.toSorted((a, b) => a.place - b.place),
    record: (program) =>
      Effect.gen(function* () {
        const base = yield* Clock.Clock
        now = () => base.currentTimeMillisUnsafe()
        return yield* program.pipe(
          Effect.updateService(Console.Console, console),
          Effect.updateService(Waits.Observer, observer),
          Effect.provideService(Clock.Clock, clock(base)),
          Effect.updateService(Scheduler.Scheduler, scheduler)
        )
      })
  }
}

const nameOf = (fiber: AnyFiber): string | undefined => {
  const name = Waits.taskName(fiber)
  return name === `fiber#${fiber.id}` ? undefined : name
}

const howOf = (exit: Exit.Exit<unknown, unknown>) => {
  if (Exit.isSuccess(exit)) return "done"
  return Exit.hasFails(exit) || Exit.hasDies(exit) ? "failed" : "interrupted"
}

const describe = (
  { kind, name }: Waits.Resource,
  holders: ReadonlyArray<string | undefined>
): string => {
  const what = name === undefined ? kind : `${kind} "${name}"`
  const known = holders.filter((holder) => holder !== undefined)
  if (known.length === 0) return what
  const shown = known.length > 4 ? [...known.slice(0, 3), `${known.length - 3} more`] : known
  return `${what}: ${shown.join(", ")}`
}

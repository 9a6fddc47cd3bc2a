/**
 * The one mechanism by which a fiber owns other fibers and loses nothing of what happens in them.
 *
 * Everything in this package that runs tasks (gather, race, groups, deadlines, streams) starts them
 * in a crew: each exit is handed to `onExit`, including the exits of interrupted tasks, which
 * Effect's own race, timeout and forks throw away.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Stack from "./stack.ts"
import * as Waiting from "./waiting.ts"

/** The tasks that one owner runs; `Key` is what the owner knows them by. */
export interface Crew<A, E, Key> {
  /** Starts a task at once. Its exit is given to `onExit`, before `start` returns if it has no wait. */
  start<R>(fork: Stack.Fork<R>, effect: Effect.Effect<A, E, R>, key: Key): Fiber.Fiber<A, E>
  /** Marks a task that is to be interrupted even in its first run, before it has suspended once. */
  interruptible<R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  /** Calls `f` in the next turn of the scheduler; the crew is not empty before. */
  later(f: () => void): void
  /** The tasks that have suspended at least once. */
  readonly live: ReadonlySet<Fiber.Fiber<A, E>>
  /** Interrupts every task, and from now on each new one as soon as it has started. */
  interruptAll(): void
  /** Suspends until no task is left. One waiter at a time; interruptible where its caller is. */
  readonly awaitEmpty: Effect.Effect<void>
}

/** Creates an empty crew owned by `owner`, whose scheduler and id its tasks see. */
export const make = <A, E, Key>(
  owner: Fiber.Fiber<unknown, unknown>,
  options: {
    /** What the owner is, and its name, for those who observe its waits. */
    readonly kind: string
    readonly name?: string | undefined
    readonly uninterruptible: boolean
    readonly onExit: (exit: Exit.Exit<A, E>, key: Key) => void
  }
): Crew<A, E, Key> => {
  // Invariants, whenever no function below is on the stack:
  //   1. `active` is the number of tasks that were started and whose exit was not handed over, and of
  //      calls that `later` still owes.
  //   2. `live` holds the tasks that have suspended at least once; one that is still in its first
  //      synchronous run is only counted, unless it is marked `interruptible`.
  //   3. After `interruptAll`, each task in `live` has been interrupted.
  const live = new Set<Fiber.Fiber<A, E>>()
  const runOptions = { uninterruptible: options.uninterruptible }
  let active = 0
  let interrupted = false
  let wake: (() => void) | undefined

  const ended = (exit: Exit.Exit<A, E>, key: Key) => {
    options.onExit(exit, key)
    // Counted down last: `onExit` may start the next task, and then the crew was never empty.
    left()
  }

  const left = () => {
    active--
    if (active === 0 && wake !== undefined) Stack.call(owner.currentDispatcher, wake)
  }

  const start: Crew<A, E, Key>["start"] = (fork, effect, key) => {
    active++
    const fiber = Stack.start(fork, effect, runOptions)
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) {
      live.delete(fiber)
      ended(exit, key)
      return fiber
    }
    live.add(fiber)
    fiber.addObserver((exit) => {
      live.delete(fiber)
      ended(exit, key)
    })
    // Hazard: the task may have made the owner interrupt all while it was not yet in `live`.
    if (interrupted) fiber.interruptUnsafe(owner.id, interruptor(owner))
    return fiber
  }

  const interruptible: Crew<A, E, Key>["interruptible"] = (effect) =>
    Effect.withFiber((fiber) => {
      live.add(fiber as Fiber.Fiber<A, E>)
      return effect
    })

  const later = (f: () => void) => {
    active++
    owner.currentDispatcher.scheduleTask(() => {
      f()
      left()
    }, 0)
  }

  const interruptAll = () => {
    if (interrupted) return
    interrupted = true
    const annotations = interruptor(owner)
    Stack.call(owner.currentDispatcher, () =>
      live.forEach((fiber) => fiber.interruptUnsafe(owner.id, annotations))
    )
  }

  const awaitEmpty = Waiting.suspend<void>(
    () => ({ kind: options.kind, name: options.name, holders: () => [...live] }),
    (resume) => {
      if (active === 0) resume(Effect.void)
      else wake = () => resume(Effect.void)
      return undefined
    }
  )
  return { live, start, interruptible, later, interruptAll, awaitEmpty }
}

/**
 * Waits for the crew and hands its `result` over, exactly once: either the waiter gets it, or it was
 * interrupted first. Then `abandon` is called, the crew is interrupted and awaited, and the effect
 * that `abandon` returned has the last word.
 *
 * Call it where interruption is masked, with the `restore` of that mask.
 */
export const join = <A, E, Key, B, E2>(
  crew: Crew<A, E, Key>,
  restore: Restore,
  result: () => Exit.Exit<B, E2>,
  abandon: (interrupt: Cause.Cause<never>) => Effect.Effect<never, E2>
): Effect.Effect<B, E2> => {
  let failed: Exit.Failure<B, E2> | undefined
  const deliver = Effect.suspend(() => {
    const exit = result()
    if (exit._tag === "Failure") failed = exit
    return exit
  })
  // Hazard: an interrupt may land after the result is made and replace it. Up to the step that passes
  // a success on, this handler is in force; a failure, it passes on itself.
  return Effect.catchCause(restore(Effect.andThen(crew.awaitEmpty, deliver)), (cause) => {
    if (failed !== undefined) return failed
    const last = abandon(cause as Cause.Cause<never>)
    crew.interruptAll()
    return Effect.andThen(crew.awaitEmpty, last)
  })
}

/** Gives back the interruptibility that a mask took away. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Whether the mask that made `restore` was itself inside an uninterruptible region. */
export const isUninterruptible = (restore: Restore): boolean =>
  // There the mask has nothing to give back, and `restore` is the identity.
  restore(Effect.void) === Effect.void

const interruptor = (owner: Fiber.Fiber<unknown, unknown>): Context.Context<never> | undefined =>
  owner.cache.stackFrame === undefined
    ? undefined
    : (Context.make(Cause.InterruptorStackTrace, owner.cache.stackFrame) as Context.Context<never>)

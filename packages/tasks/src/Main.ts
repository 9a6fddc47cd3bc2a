/**
 * The entry of a program: runs it, ends it on signals, and leaves no task and no error behind.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Runtime from "effect/Runtime"
import * as Scheduler from "effect/Scheduler"
import * as Budget from "./internal/budget.ts"
import * as Causes from "./internal/causes.ts"
import * as LiveTasks from "./internal/liveTasks.ts"
import { CurrentTaskName } from "./internal/taskName.ts"

/**
 * What `run` needs of the process that it runs in; Node's `process` has it.
 *
 * @since 0.1.0
 */
export interface Process {
  on(signal: Signal, listener: () => void): unknown
  off(signal: Signal, listener: () => void): unknown
  /** Ends the process at once. */
  exit(code: number): unknown
  readonly stderr: { write(text: string): unknown }
}

/**
 * The signals that end a program.
 *
 * @since 0.1.0
 */
export type Signal = "SIGINT" | "SIGTERM"

/**
 * Options of {@link run}.
 *
 * @since 0.1.0
 */
export interface Options {
  /**
   * How long cleanup may take, from the first signal or from the end of the program, whichever comes
   * first. Default 10 seconds; `"Infinity"` for no end. A negative one is the defect
   * `Deadline.NegativeDuration`.
   */
  readonly grace?: Duration.Input | undefined
  /** Default `globalThis.process`. */
  readonly process?: Process | undefined
}

/**
 * Runs an effect as the program of this process.
 *
 * - The first SIGINT (Ctrl-C) or SIGTERM interrupts the program and waits for its cleanup.
 * - When the program has ended, tasks that still run, such as detached forks, are interrupted and
 *   awaited, and so are those that these leave behind.
 * - A second signal, or the end of the grace period, stops the process at once and prints the names of
 *   the tasks that did not finish (see `Task.named`).
 * - Failures and defects of the program and of leftover tasks are printed on stderr.
 *
 * Exit codes: 0 success, 1 failure or defect, 130 ended by SIGINT or by an interrupt of its own, 143
 * ended by SIGTERM. An error that has `Runtime.errorExitCode` gives its own code, and one whose
 * `Runtime.errorReported` is false is not printed. After success the process ends by itself, once
 * nothing keeps it alive.
 *
 * ```text
 * Main.run(program, { grace: "5 seconds" })
 * ```
 *
 * @since 0.1.0
 */
export const run = <A, E>(effect: Effect.Effect<A, E>, options?: Options): void => {
  const process = options?.process ?? (globalThis as unknown as { process: Process }).process
  const program = Effect.flatMap(Budget.decode("grace", options?.grace ?? "10 seconds"), (grace) =>
    supervise(effect, grace, process)
  )
  Effect.runFork(program).addObserver((exit) => {
    if (exit._tag === "Success") return
    process.stderr.write(`${Cause.pretty(exit.cause)}\n`)
    process.exit(1)
  })
}

const supervise = <A, E>(
  effect: Effect.Effect<A, E>,
  grace: Duration.Duration,
  process: Process
): Effect.Effect<void> =>
  Effect.gen(function* () {
    const tasks = LiveTasks.make()
    const signals = listen(process)
    const errors = makeErrors(process)
    const main = yield* effect.pipe(
      Effect.forkDetach({ startImmediately: true }),
      Effect.provideService(Scheduler.Scheduler, tasks.scheduler)
    )
    const isOver = yield* Latch.make()

    const interrupt = Effect.andThen(
      signals.first.await,
      Effect.sync(() => main.interruptUnsafe())
    )
    const end = Effect.gen(function* () {
      const exit = yield* Fiber.await(main)
      errors.report(undefined, exit)
      yield* isOver.open
      yield* endLeftovers(tasks, errors)
      return exitCode(exit, signals.last(), errors.count())
    })
    const endOfGrace = Effect.raceFirst(signals.first.await, isOver.await).pipe(
      Effect.andThen(Effect.sleep(grace)),
      Effect.as(`after ${Duration.format(grace)}`)
    )
    const secondSignal = Effect.as(signals.second.await, "by a second signal")
    const stop = Effect.map(Effect.raceFirst(endOfGrace, secondSignal), (how) => {
      process.stderr.write(unfinished(tasks, main, how))
      return signals.last() === undefined ? 1 : signalCode(signals.last()!)
    })
    const code = yield* Effect.raceAllFirst([
      end,
      stop,
      Effect.andThen(interrupt, Effect.never),
      keepAlive
    ])
    signals.forget()
    if (code !== 0) process.exit(code)
  })

/** A timer that never does anything: without one, a process whose fibers all wait would just end. */
const keepAlive: Effect.Effect<never> = Effect.forever(Effect.sleep("1 day"))

const listen = (process: Process) => {
  const [first, second] = [Latch.makeUnsafe(), Latch.makeUnsafe()]
  let last: Signal | undefined
  const listener = (signal: Signal) => () => {
    const latch = last === undefined ? first : second
    last = signal
    latch.openUnsafe()
  }
  const listeners = { SIGINT: listener("SIGINT"), SIGTERM: listener("SIGTERM") }
  const each = (f: (signal: Signal) => void) => (["SIGINT", "SIGTERM"] as const).forEach(f)
  each((signal) => process.on(signal, listeners[signal]))
  return {
    first,
    second,
    last: () => last,
    forget: () => each((signal) => process.off(signal, listeners[signal]))
  }
}

/** Prints each failure and defect once, however many tasks it ended. */
const makeErrors = (process: Process) => {
  const seen = new Set<unknown>()
  let count = 0
  return {
    count: () => count,
    report: (task: string | undefined, exit: Exit.Exit<unknown, unknown>) => {
      const fresh = Causes.errorsOf(exit).filter((reason) => !seen.has(Causes.payload(reason)))
      if (fresh.length === 0) return
      count++
      for (const reason of fresh) seen.add(Causes.payload(reason))
      const cause = Cause.fromReasons(fresh)
      if (!Runtime.getErrorReported(Cause.squash(cause))) return
      const title = task === undefined ? "" : `${task}, still running at the end, failed:\n`
      process.stderr.write(`${title}${Cause.pretty(cause)}\n`)
    }
  }
}

const endLeftovers = (
  { fibers }: LiveTasks.LiveTasks,
  errors: ReturnType<typeof makeErrors>
): Effect.Effect<void> =>
  Effect.gen(function* () {
    // What was forked in the last turn starts in this one.
    yield* Effect.yieldNow
    while (fibers.size > 0) {
      const leftovers = [...fibers]
      for (const fiber of leftovers) {
        const name = labelOf(fiber)
        fiber.addObserver((exit) => errors.report(name, exit))
        fiber.interruptUnsafe()
      }
      yield* Fiber.awaitAll(leftovers)
      yield* Effect.yieldNow
    }
  })

const exitCode = (
  exit: Exit.Exit<unknown, unknown>,
  signal: Signal | undefined,
  errors: number
): number => {
  if (exit._tag === "Failure" && Causes.errorsOf(exit).length > 0) {
    return Runtime.getErrorExitCode(Cause.squash(exit.cause))
  }
  if (errors > 0) return 1
  if (signal !== undefined) return signalCode(signal)
  return exit._tag === "Success" ? 0 : signalCode("SIGINT")
}

/** What shells report for a program that a signal has ended. */
const signalCode = (signal: Signal): number => (signal === "SIGINT" ? 130 : 143)

/** Names that are printed; more are counted. */
const namesMax = 50

const unfinished = (
  { fibers }: LiveTasks.LiveTasks,
  main: Fiber.Fiber<unknown, unknown>,
  how: string
): string => {
  const counts = new Map<string, number>()
  for (const fiber of fibers) {
    const name = fiber === main ? (fiber.getRef(CurrentTaskName) ?? "main") : labelOf(fiber)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const lines = Array.from(counts, ([name, count]) => (count > 1 ? `${name} (${count})` : name))
  const hidden = lines.length - namesMax
  return (
    [
      `Stopped ${how}. Tasks that did not finish: ${fibers.size}`,
      ...lines.slice(0, namesMax),
      ...(hidden > 0 ? [`and ${hidden} more names`] : [])
    ].join("\n  ") + "\n"
  )
}

/** The name that a task was given, or else that of the function that it is in. */
const labelOf = (fiber: Fiber.Fiber<unknown, unknown>): string =>
  fiber.getRef(CurrentTaskName) ?? fiber.cache.stackFrame?.name ?? "a task without a name"

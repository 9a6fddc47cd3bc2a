/** What the tests of tasks arrange and observe with. */
import { Cause, Clock, Effect, Fiber, Logger, Metric } from "effect"

/** The reasons of a cause, short: `"Fail:x"`, `"Die:y"`, `"Interrupt"`. */
export const summary = (cause: Cause.Cause<unknown>): Array<string> =>
  cause.reasons.map((reason) => {
    if (reason._tag === "Interrupt") return "Interrupt"
    const error: unknown = reason._tag === "Fail" ? reason.error : reason.defect
    return `${reason._tag}:${isTagged(error) ? error._tag : String(error)}`
  })

const isTagged = (error: unknown): error is { readonly _tag: string } =>
  typeof error === "object" && error !== null && "_tag" in error

/** The cause that an effect fails with. */
export const causeOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(Effect.sandbox(effect)), summary)

/** The order of starts, ends and cleanups of the tasks of one test. */
export const makeLog = Effect.sync(() => {
  const log: Array<string> = []
  const say = (line: string) => Effect.sync(() => void log.push(line))
  /** Says its name, waits for ever, and says so again after its cleanup. */
  const parked = (name: string, cleanup: Effect.Effect<void, string> = Effect.void) =>
    say(name).pipe(
      Effect.andThen(Effect.never),
      Effect.onExit(() => Effect.andThen(Effect.yieldNow, cleanup)),
      Effect.ensuring(say(`${name} cleaned`))
    )
  return { log, say, parked }
})

/** Starts an effect that runs until it first suspends. */
export const started = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** Starts an effect, interrupts it, and gives the cause that it ended with. */
export const interrupted = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* started(effect)
    yield* Fiber.interrupt(fiber)
    // What is logged about a fiber is logged right after its end.
    yield* Effect.yieldNow
    return yield* causeOf(Fiber.join(fiber))
  })

/** Runs an effect and gives its value beside what it logged: `[level, message, ...reasons]`. */
export const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const lines: Array<ReadonlyArray<unknown>> = []
    const logger = Logger.make<unknown, void>(({ cause, logLevel, message }) => {
      lines.push([logLevel, ...(message as Array<unknown>), ...summary(cause)])
    })
    return Effect.map(Effect.provide(effect, Logger.layer([logger])), (value) => ({ value, lines }))
  })

/** Runs an effect and gives its value beside the fibers and timers that it left behind. */
export const leftovers = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const left = { fibers: 0, timers: 0 }
    const counting: Clock.Clock = Object.assign(Object.create(clock), {
      sleep: (duration: Parameters<Clock.Clock["sleep"]>[0]) =>
        Effect.acquireUseRelease(
          Effect.sync(() => left.timers++),
          () => clock.sleep(duration),
          () => Effect.sync(() => left.timers--)
        )
    })
    const value = yield* Effect.forkChild(effect).pipe(
      Effect.flatMap(Fiber.join),
      Effect.provideService(Clock.Clock, counting),
      Effect.provideService(Metric.FiberRuntimeMetrics, {
        recordFiberStart: () => left.fibers++,
        recordFiberEnd: () => left.fibers--
      })
    )
    return { value, left }
  })

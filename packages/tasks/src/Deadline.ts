/**
 * Deadlines with a label, which callees can read and the body can move.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Budget from "./internal/budget.ts"
import * as Causes from "./internal/causes.ts"
import * as Crew from "./internal/crew.ts"
import * as Unreported from "./internal/unreported.ts"

/**
 * Defect raised when a duration that must not be negative is.
 *
 * @since 0.1.0
 */
export { NegativeDuration } from "./internal/budget.ts"

/**
 * The deadline with this label ended before its body did.
 *
 * @since 0.1.0
 */
export class DeadlineExceeded extends Data.TaggedError("DeadlineExceeded")<{
  readonly label: string
  /** How long the body had run when it was interrupted; its cleanup is not counted. */
  readonly elapsed: Duration.Duration
}> {
  override get message(): string {
    return `${this.label} did not finish in time: interrupted after ${Duration.format(this.elapsed)}`
  }
}

/**
 * A deadline was to be moved after it had fired, or after its body had ended.
 *
 * @since 0.1.0
 */
export class DeadlineFinished extends Data.TaggedError("DeadlineFinished")<{
  readonly label: string
}> {
  override get message(): string {
    return `The deadline of ${this.label} is over: move it only while its body runs`
  }
}

/**
 * A running deadline, in the hands of its body.
 *
 * @since 0.1.0
 */
export interface Deadline {
  readonly label: string
  /**
   * Moves the end by `duration`, or, when the deadline was cleared, to `duration` from now. A negative
   * duration is the defect `NegativeDuration`.
   */
  extend(duration: Duration.Input): Effect.Effect<void, DeadlineFinished>
  /** Takes the end away, until `extend` sets another. */
  readonly clear: Effect.Effect<void, DeadlineFinished>
  /** The time left of this deadline alone: infinite once cleared, zero once it has ended. */
  readonly remaining: Effect.Effect<Duration.Duration>
}

/**
 * Interrupts an effect that is still running `duration` from now, waits for its cleanup, and fails
 * with `DeadlineExceeded`. In place of an effect it takes a function of the running `Deadline`.
 *
 * - A duration of zero or less lets the body run to its first suspension.
 * - Failures and defects of cleanup are reported together with `DeadlineExceeded`, in one cause.
 * - A failure or an interrupt that does not come from this deadline passes unchanged.
 * - Interrupting the caller interrupts and awaits the body.
 * - It works in an uninterruptible region too, for example in cleanup: the body is interruptible by
 *   the deadline.
 *
 * ```ts
 * const slow = Effect.as(Effect.sleep("1 minute"), "done")
 * const load = slow.pipe(
 *   Deadline.within("10 millis", "load user"),
 *   Effect.catchTag("DeadlineExceeded", ({ label }) => Effect.succeed(`${label}: too late`))
 * )
 * yield* load // => "load user: too late"
 * const upload = Deadline.within("10 millis", "upload")((deadline) =>
 *   Effect.as(deadline.extend("1 minute"), "chunk by chunk")
 * )
 * yield* upload // => "chunk by chunk"
 * ```
 *
 * @since 0.1.0
 */
export const within =
  (duration: Duration.Input, label: string) =>
  <A, E, R>(
    body: Effect.Effect<A, E, R> | ((deadline: Deadline) => Effect.Effect<A, E, R>)
  ): Effect.Effect<A, E | DeadlineExceeded, R> =>
    Effect.suspend(() => run(Duration.fromInputUnsafe(duration), label, body))

/**
 * The time that the deadlines around this code leave it: infinite without one, zero when one has
 * ended. In the cleanup of a deadline's body, that deadline no longer counts.
 *
 * ```ts
 * const inner = Deadline.within("1 hour", "inner")(Deadline.remaining)
 * const left = yield* Deadline.within("1 minute", "outer")(inner)
 * Duration.isLessThanOrEqualTo(left, Duration.minutes(1)) // => true
 * ```
 *
 * @since 0.1.0
 */
export const remaining: Effect.Effect<Duration.Duration> = Effect.withFiberSucceed((fiber) => {
  const clock = fiber.getRef(Clock.Clock)
  let least = Duration.infinity
  for (let budget = fiber.getRef(Budget.Current); budget !== undefined; budget = budget.outer) {
    least = Duration.min(least, Budget.left(clock, budget))
  }
  return least
})

type Body<A, E, R> = Effect.Effect<A, E, R> | ((deadline: Deadline) => Effect.Effect<A, E, R>)

const run = <A, E, R>(duration: Duration.Duration, label: string, body: Body<A, E, R>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.withFiber<A, E | DeadlineExceeded, R>((owner) => {
      const clock = owner.getRef(Clock.Clock)
      const outside = owner.context as Context.Context<R>
      const end = Budget.after(clock, duration)
      const { budget, context } = Budget.enter(outside, end, () => fire())
      const fork = Effect.runForkWith(context)
      const forkTimer = Effect.runForkWith(outside)
      const startedAt = clock.monotonicTimeNanosUnsafe()
      // Invariants, whenever no function below is on the stack:
      //   1. `ended` is set once the body has ended, `exceeded` once the deadline has fired; after
      //      either, `budget.end` is unset.
      //   2. There is a timer exactly while `budget.end` is set, from the body's first suspension on.
      let ended: Exit.Exit<A, E> | undefined
      let exceeded: DeadlineExceeded | undefined
      let timer: Fiber.Fiber<unknown, unknown> | undefined

      const crew = Crew.make<A | void, E, "body" | "timer">(owner, {
        kind: "Deadline.within",
        name: label,
        // Also in an uninterruptible region: a deadline that cannot interrupt is none.
        uninterruptible: false,
        onExit: (exit, key) => {
          if (key === "body") {
            ended = exit as Exit.Exit<A, E>
            setEnd(undefined)
          } else if (exit._tag === "Success" && !isOver())
            Budget.expire(budget, owner.currentDispatcher)
        }
      })
      const isOver = () => ended !== undefined || exceeded !== undefined
      const fire = () => {
        if (isOver()) return
        budget.fired = true
        const elapsed = Duration.nanos(clock.monotonicTimeNanosUnsafe() - startedAt)
        exceeded = new DeadlineExceeded({ label, elapsed })
        setEnd(undefined)
        crew.interruptAll()
      }
      const setEnd = (end: bigint | undefined) => {
        budget.end = end
        if (end !== undefined) {
          // A running timer notices by itself that its end was moved.
          timer ??= crew.start(forkTimer, Budget.awaitEnd(clock, budget), "timer")
        } else if (timer !== undefined) {
          timer.interruptUnsafe(owner.id)
          timer = undefined
        }
      }

      const deadline = handle(label, clock, budget, isOver, setEnd)
      const effect = Effect.isEffect(body) ? body : Effect.suspend(() => body(deadline))
      crew.start(fork, effect, "body")
      if (!isOver() && budget.end !== undefined) {
        if (Duration.isZero(Budget.left(clock, budget)))
          Budget.expire(budget, owner.currentDispatcher)
        else setEnd(budget.end)
      }

      return Crew.join(
        crew,
        restore,
        (): Exit.Exit<A, E | DeadlineExceeded> => {
          if (exceeded === undefined) return ended!
          // The errors of cleanup come first: `catchTag` looks at the first failure of a cause, and to
          // catch the deadline is not to have dealt with them.
          return Exit.failCause(
            Cause.fromReasons<E | DeadlineExceeded>([
              ...Causes.errorsOf(ended!),
              Cause.makeFailReason(exceeded)
            ])
          )
        },
        (interrupt) =>
          Effect.suspend(() => Unreported.failInterrupted(interrupt, Causes.errorsOf(ended!)))
      )
    })
  )

const handle = (
  label: string,
  clock: Clock.Clock,
  budget: Budget.Budget,
  isOver: () => boolean,
  setEnd: (end: bigint | undefined) => void
): Deadline => {
  const move = (to: () => bigint | undefined) =>
    Effect.suspend(() =>
      isOver() ? Effect.fail(new DeadlineFinished({ label })) : Effect.sync(() => setEnd(to()))
    )
  return {
    label,
    extend: (by) =>
      Effect.flatMap(Budget.decode("extend", by), (duration) =>
        move(() => {
          if (budget.end === undefined) return Budget.after(clock, duration)
          return Duration.isFinite(duration)
            ? budget.end + Duration.toNanosUnsafe(duration)
            : undefined
        })
      ),
    clear: move(() => undefined),
    remaining: Effect.sync(() => (isOver() ? Duration.zero : Budget.left(clock, budget)))
  }
}

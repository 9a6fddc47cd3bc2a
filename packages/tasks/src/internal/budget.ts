/** The time that the deadlines around a fiber leave it: how callees inherit them. */
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scheduler from "effect/Scheduler"

/** One deadline, as the code inside of it sees it. */
export interface Budget {
  /** The next deadline around it that had not fired when this one began. */
  readonly outer: Budget | undefined
  /** When it ends, on the monotonic clock; `undefined` while it has no end, or is over. */
  end: bigint | undefined
  fired: boolean
  /** Interrupts what runs under this deadline; nothing once it is over. */
  readonly fire: () => void
}

/** The innermost deadline of a fiber; inherited by the tasks that it starts. */
export const Current: Context.Reference<Budget | undefined> = Context.Reference<Budget | undefined>(
  "@fibra/tasks/CurrentBudget",
  { defaultValue: () => undefined }
)

/** Adds a deadline to a context. */
export const enter = <R>(
  context: Context.Context<R>,
  end: bigint | undefined,
  fire: () => void
): { readonly budget: Budget; readonly context: Context.Context<R> } => {
  let outer = Context.get(context, Current)
  while (outer?.fired === true) outer = outer.outer
  const budget: Budget = { outer, end, fired: false, fire }
  return { budget, context: Context.add(context, Current, budget) as Context.Context<R> }
}

/** The moment `duration` from now: now for a negative one, none for an infinite one. */
export const after = (clock: Clock.Clock, duration: Duration.Duration): bigint | undefined => {
  const now = clock.monotonicTimeNanosUnsafe()
  if (Duration.isNegative(duration)) return now
  return Duration.isFinite(duration) ? now + Duration.toNanosUnsafe(duration) : undefined
}

/** What is left of one deadline, never less than zero. */
export const left = (clock: Clock.Clock, { end }: Budget): Duration.Duration => {
  if (end === undefined) return Duration.infinity
  const nanos = end - clock.monotonicTimeNanosUnsafe()
  return nanos > 0n ? Duration.nanos(nanos) : Duration.zero
}

/**
 * Fires a deadline whose end has come. Of deadlines that end together only the outermost is to be
 * reported, so it goes first; the others fire one turn later where its interrupt did not reach them.
 */
export const expire = (budget: Budget, dispatcher: Scheduler.SchedulerDispatcher): void => {
  let first = budget
  let outerFired = false
  for (let outer = budget.outer; outer !== undefined; outer = outer.outer) {
    if (outer.end !== undefined && outer.end <= budget.end!) first = outer
    outerFired ||= outer.fired
  }
  if (first !== budget || outerFired) dispatcher.scheduleTask(budget.fire, 0)
  if (first !== budget || !outerFired) first.fire()
}

/** Sleeps until the end of a deadline, wherever it has been moved to in the meantime. */
export const awaitEnd = (clock: Clock.Clock, budget: Budget): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (budget.end === undefined) return Effect.never
    const duration = left(clock, budget)
    return Duration.isZero(duration)
      ? Effect.void
      : Effect.andThen(clock.sleep(duration), awaitEnd(clock, budget))
  })

/**
 * Defect raised when a duration that must not be negative is.
 *
 * @since 0.1.0
 */
export class NegativeDuration extends Data.TaggedError("NegativeDuration")<{
  readonly option: string
  readonly duration: Duration.Duration
}> {
  override get message(): string {
    return `${this.option} is ${Duration.format(this.duration)}: give zero or more`
  }
}

/** Decodes a duration that must not be negative; dies with `NegativeDuration`. */
export const decode = (option: string, input: Duration.Input): Effect.Effect<Duration.Duration> =>
  Effect.suspend(() => {
    const duration = Duration.fromInputUnsafe(input)
    return Duration.isNegative(duration)
      ? Effect.die(new NegativeDuration({ option, duration }))
      : Effect.succeed(duration)
  })

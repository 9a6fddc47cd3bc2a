/** Runs effects until a deadline and sorts what they came to: the core of `Task.collect`. */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Budget from "./budget.ts"
import * as Causes from "./causes.ts"
import * as FanOut from "./fanOut.ts"
import * as Unreported from "./unreported.ts"

export interface Collected<A, E> {
  readonly succeeded: Array<{ readonly index: number; readonly value: A }>
  readonly failed: Array<{ readonly index: number; readonly cause: Cause.Cause<E> }>
  readonly interrupted: Array<number>
}

export const run = <A, E, R>(
  effects: ReadonlyArray<Effect.Effect<A, E, R>>,
  concurrency: number,
  within: Duration.Duration
): Effect.Effect<Collected<A, E>, never, R> =>
  Effect.withFiber((owner) => {
    const clock = owner.getRef(Clock.Clock)
    const end = Budget.after(clock, within)
    let stop = () => {}
    const { budget, context } = Budget.enter(owner.context, end, () => {
      budget.fired = true
      budget.end = undefined
      stop()
    })
    const exits: Array<Exit.Exit<A, E> | undefined> = effects.map(() => undefined)
    return FanOut.run<A, E, R, Collected<A, E>, never>(effects, {
      kind: "Task.collect",
      concurrency,
      context,
      onExit: (exit, index) => {
        exits[index] = exit
        return false
      },
      until: (stopTasks) => {
        stop = stopTasks
        const expire = Effect.sync(() => Budget.expire(budget, owner.currentDispatcher))
        return Effect.andThen(Budget.awaitEnd(clock, budget), expire)
      },
      result: () => Exit.succeed(sort(exits)),
      abandon: (interrupt, failures, before) =>
        Unreported.failInterruptedWithData("collect", interrupt, failures, before)
    })
  })

const sort = <A, E>(exits: ReadonlyArray<Exit.Exit<A, E> | undefined>): Collected<A, E> => {
  const collected: Collected<A, E> = { succeeded: [], failed: [], interrupted: [] }
  exits.forEach((exit, index) => {
    if (exit?._tag === "Success") collected.succeeded.push({ index, value: exit.value })
    else if (exit === undefined || Causes.errorsOf(exit).length === 0) {
      collected.interrupted.push(index)
    } else collected.failed.push({ index, cause: exit.cause })
  })
  return collected
}

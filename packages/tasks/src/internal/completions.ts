/** Results of a source of effects in completion order, pulled: the core of `Task.asCompleted`. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Causes from "./causes.ts"
import * as Crew from "./crew.ts"
import type { Chunk } from "./source.ts"
import * as Stack from "./stack.ts"
import * as Waiting from "./waiting.ts"

/**
 * Starts to run what `source` gives, in the scope, and returns what pulls the results.
 *
 * `source` is pulled when fewer than `limit` results are on their way: being worked on, or ready and
 * not pulled.
 */
export const start = <A, E, R, E2>(
  source: Pull.Pull<Chunk<Effect.Effect<A, E, R>>, E2>,
  scope: Scope.Scope,
  limit: number
): Effect.Effect<Pull.Pull<Chunk<A>, E | E2>, never, R> =>
  Effect.withFiber((owner) => {
    // Invariants, whenever no function below is on the stack:
    //   1. `onTheWay` is the number of tasks that run plus the length of `ready`, at most `limit`.
    //   2. `running` is the number of tasks that run, plus 1 while the source is read.
    //   3. Each error is in `errors` until a pull has failed with it.
    const fork = Effect.runForkWith(owner.context as Context.Context<R>)
    let onTheWay = 0
    let running = 1
    let ready: Array<A> = []
    let errors: Array<Cause.Reason<E | E2>> = []
    let interrupts: ReadonlyArray<Cause.Reason<never>> = []
    let failed = false
    let wakeReader = () => {}
    let wakePull = () => {}

    const crew = Crew.make<A | void, E | E2, "task" | "reader">(owner, {
      kind: "Task.asCompleted",
      uninterruptible: false,
      onExit: (exit, key) => {
        running--
        if (exit._tag === "Failure") fail(exit.cause)
        else if (key === "task") ready.push(exit.value as A)
        if (ready.length > 0 || running === 0) wakePull()
      }
    })
    const fail = (cause: Cause.Cause<E | E2>) => {
      errors.push(...Causes.errorsIn(cause))
      if (failed) return
      failed = true
      interrupts = cause.reasons.filter(Cause.isInterruptReason)
      crew.interruptAll()
    }

    const awaitPlace = Effect.callback<void>((resume) => {
      if (onTheWay < limit) return resume(Effect.void)
      wakeReader = () => resume(Effect.void)
    })
    const launch = (effect: Effect.Effect<A, E, R>) =>
      Effect.sync(() => {
        onTheWay++
        running++
        crew.start(fork, effect, "task")
      })
    const read = awaitPlace.pipe(
      Effect.andThen(source),
      Effect.flatMap((effects) =>
        Effect.forEach(effects, (effect) => Effect.andThen(awaitPlace, launch(effect)), {
          discard: true
        })
      ),
      Effect.forever({ disableYield: true }),
      Pull.catchDone(() => Effect.void)
    )

    const awaitNews = Waiting.suspend<void>(
      () => ({ kind: "Task.asCompleted", holders: () => [...crew.live] }),
      (resume) => {
        if (ready.length > 0 || running === 0) resume(Effect.void)
        else wakePull = () => resume(Effect.void)
        return undefined
      }
    )
    const takeAll = Effect.sync(() => {
      const taken = ready
      ready = []
      onTheWay -= taken.length
      Stack.call(owner.currentDispatcher, wakeReader)
      return taken as unknown as Chunk<A>
    })
    // Hazard: an interrupt can land before the pull gets the errors; only what is on its way out of
    // this effect has been given.
    const takeErrors = Effect.onExitPrimitive(
      Effect.suspend((): Pull.Pull<never, E | E2> => {
        const reasons = [...interrupts, ...errors]
        return reasons.length > 0 ? Effect.failCause(Cause.fromReasons(reasons)) : Cause.done()
      }),
      (given) => {
        if (Causes.errorsOf(given).length > 0) errors = []
        return undefined
      }
    )
    const pull = Effect.andThen(
      awaitNews,
      Effect.suspend((): Pull.Pull<Chunk<A>, E | E2> => (ready.length > 0 ? takeAll : takeErrors))
    )
    const close = Effect.suspend(() => {
      crew.interruptAll()
      return Effect.andThen(
        crew.awaitEmpty,
        Effect.suspend(() => Causes.failWith(Causes.toDefects(errors)))
      )
    })
    return Effect.map(Scope.addFinalizer(scope, close), () => {
      crew.start(Effect.runForkWith(owner.context), read, "reader")
      return pull
    })
  })

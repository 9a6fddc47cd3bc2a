/** A task owned by a scope, whose waiters can come and go. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Causes from "./causes.ts"
import * as Crew from "./crew.ts"
import * as Stack from "./stack.ts"

/**
 * Starts a task in the scope and gives the effect that waits for its result, any number of times.
 * What nobody has read of its errors when the scope closes, the scope fails with.
 */
export const start = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<Effect.Effect<A, E>, never, R | Scope.Scope> =>
  Effect.uninterruptible(
    Effect.withFiber<Effect.Effect<A, E>, never, R | Scope.Scope>((owner) => {
      const context = owner.context as Context.Context<R | Scope.Scope>
      const scope = Context.get(context, Scope.Scope)
      if (scope.state._tag === "Closed") return Effect.succeed(Effect.interrupt)
      // Invariants, whenever no function below is on the stack:
      //   1. `entry` is in the scope exactly until the task has ended with nothing left to report.
      //   2. Only fibers that wait for the end are in `waiters`.
      const entry = Scope.forkUnsafe(scope)
      const waiters = new Set<() => void>()
      let exit: Exit.Exit<A, E> | undefined
      let read = false

      const crew = Crew.make<A, E, undefined>(owner, {
        uninterruptible: false,
        onExit: (ended) => {
          exit = ended
          if (Causes.errorsOf(ended).length === 0) leave()
          for (const resume of waiters) Stack.call(owner.currentDispatcher, resume)
          waiters.clear()
        }
      })
      const leave = () => {
        // What is to be run when the scope closes is not needed any more.
        void Scope.closeUnsafe(entry, Exit.void)
      }
      // Hazard: an interrupt can land before the waiter gets the result; only what is on its way out
      // of this effect has been read.
      const give = Effect.onExitPrimitive(
        Effect.suspend(() => exit!),
        (given) => {
          if (Causes.errorsOf(given).length > 0) {
            read = true
            leave()
          }
          return undefined
        }
      )
      const wait = Effect.callback<A, E>((resume) => {
        if (exit !== undefined) return resume(give)
        const waiter = () => resume(give)
        waiters.add(waiter)
        return Effect.sync(() => waiters.delete(waiter))
      })

      const close = Effect.withFiber((closing) => {
        crew.interruptAll()
        // A task that closes its own scope cannot wait for its own end.
        if (crew.live.has(closing as never)) return Effect.void
        return Effect.andThen(
          crew.awaitEmpty,
          Effect.suspend(() =>
            read || exit === undefined
              ? Effect.void
              : Causes.failWith(Causes.toDefects(Causes.errorsOf(exit)))
          )
        )
      })
      return Effect.andThen(
        Scope.addFinalizer(entry, close),
        Effect.sync(() => {
          crew.start(Effect.runForkWith(context), effect, undefined)
          return wait
        })
      )
    })
  )

/** A task owned by a scope, whose waiters can come and go. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Causes from "./causes.ts"
import * as Crew from "./crew.ts"
import * as Unreported from "./unreported.ts"
import * as Waiting from "./waiting.ts"
import * as Watch from "./watch.ts"

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
      // Invariant, whenever no function below is on the stack: `entry` is in the scope exactly until the
      // task has ended with nothing left to report.
      const entry = Scope.forkUnsafe(scope)
      const fork = Effect.runForkWith(context)
      let exit: Exit.Exit<A, E> | undefined
      let read = false
      let closedItself = false

      const crew = Crew.make<A, E, undefined>(owner, {
        kind: "Task.shield",
        uninterruptible: false,
        onExit: (ended) => {
          exit = ended
          const errors = Causes.errorsOf(ended)
          if (errors.length === 0) leave()
          else if (closedItself)
            fork(Unreported.log("A task closed its own scope and failed", errors))
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
      const awaitEnd = (task: Fiber.Fiber<A, E>) =>
        Waiting.suspend<A, E>(
          () => ({ kind: "Task.shield", holders: () => [task] }),
          (resume) => Watch.watch(task, () => resume(give))
        )

      const close = Effect.withFiber((closing) => {
        crew.interruptAll()
        // A task that closes its own scope cannot wait for its own end.
        closedItself = crew.live.has(closing as never)
        if (closedItself) return Effect.void
        return Effect.andThen(crew.awaitEmpty, Effect.suspend(fail))
      })
      const fail = () => {
        const errors = exit === undefined ? [] : Causes.errorsOf(exit)
        if (errors.length === 0) return Effect.void
        // After a turn in which those who wait for the result can read it.
        return Effect.andThen(
          Effect.yieldNow,
          Effect.suspend(() => (read ? Effect.void : Causes.failWith(Causes.toDefects(errors))))
        )
      }
      return Effect.andThen(
        Scope.addFinalizer(entry, close),
        Effect.sync(() => awaitEnd(crew.start(fork, effect, undefined)))
      )
    })
  )

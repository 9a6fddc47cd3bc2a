/**
 * The lives of a cell: what starts an incarnation, what ends it, and what ends the cell.
 *
 * Parents use `start`, `halt` and `terminate`; everybody else may only ask for an end, of which the
 * parent is told.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { ActorStopped } from "../ActorError.ts"
import { type Cell, type ExitReason, more, pathOf, type Request, wake } from "./cell.ts"
import { makeContext } from "./localContext.ts"
import * as Mailbox from "./mailbox.ts"
import { CurrentFrame, settle } from "./requests.ts"

/**
 * Begins an incarnation of a cell that has none: runs `init`, and then its messages.
 *
 * A failure is returned once what `init` had acquired is released; the cell is `restarting` then.
 * Interrupting it ends the incarnation.
 */
export const start = (cell: Cell): Effect.Effect<Exit.Exit<void, unknown>> =>
  Effect.callback((resume) => {
    cell.status = "starting"
    cell.awake = true
    cell.ending = undefined
    const scope = Scope.makeUnsafe()
    cell.scope = scope
    cell.context = Context.add(
      Context.add(cell.services, Scope.Scope, scope),
      CurrentFrame,
      undefined
    )
    const self = makeContext(cell)
    cell.self = self
    const started = (exit: Exit.Exit<unknown, unknown>) => {
      cell.fiber = undefined
      if (Exit.isSuccess(exit) && cell.ending === undefined) {
        cell.state = exit.value
        cell.status = "running"
        if (cell.mailbox !== undefined && cell.mailbox.size > 0) wake(cell)
        else cell.awake = false
        return resume(Effect.succeed(Exit.void))
      }
      const failure = Exit.isSuccess(exit)
        ? Exit.fail(new ActorStopped({ actor: pathOf(cell), reason: "stopped" }))
        : exit
      more(cell).ended.push(() => resume(Effect.succeed(Exit.asVoid(failure))))
      end(cell, { _tag: "Crashed", cause: Cause.empty }, failure)
    }
    const init = Effect.suspend(() => cell.behavior.init(self))
    const fiber = Effect.runForkWith(cell.context)(init)
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return started(exit)
    cell.fiber = fiber
    fiber.addObserver(started)
    return Effect.suspend(() => halt(cell, "kill"))
  })

/** Asks a cell to end after its current message. Its parent is told. */
export const requestStop = (cell: Cell): void => {
  if (cell.ending !== undefined || cell.status === "restarting" || cell.status === "stopped") return
  cell.ending = { _tag: "Stopped" }
  if (!cell.awake) end(cell, cell.ending, Exit.void)
}

/** Interrupts what a cell does and ends it. Its parent is told. */
export const requestKill = (cell: Cell): void => {
  if (cell.status === "restarting" || cell.status === "stopped") return
  requestStop(cell)
  cell.ending = { _tag: "Killed" }
  cell.fiber?.interruptUnsafe()
}

/**
 * Ends the incarnation, for the parent, which is not told: waits for the current message as long as
 * the grace lasts, then interrupts it; then releases what the incarnation acquired. The mailbox is
 * kept. Returns when the cell is `restarting` (or was, or is `stopped`).
 */
export const halt = (cell: Cell, grace: Duration.Input | "kill"): Effect.Effect<void> =>
  Effect.uninterruptible(
    Effect.suspend(() => {
      if (cell.status === "restarting" || cell.status === "stopped") return Effect.void
      const ended = Effect.callback<void>((resume) => {
        more(cell).ended.push(() => resume(Effect.void))
        if (grace === "kill") requestKill(cell)
        else requestStop(cell)
      })
      if (grace === "kill" || cell.fiber === undefined) return ended
      return Effect.raceFirst(
        ended,
        Effect.andThen(
          Effect.sleep(grace),
          Effect.andThen(
            Effect.sync(() => requestKill(cell)),
            Effect.never
          )
        )
      )
    })
  )

/** Ends a cell without an incarnation for ever: its messages become dead letters, watchers are told. */
export const terminate = (cell: Cell, reason: ExitReason): void => {
  if (cell.status === "stopped") return
  cell.status = "stopped"
  cell.awake = true
  cell.system.cells.delete(cell.id)
  Mailbox.discardAll(cell, reason._tag === "Killed" ? "killed" : "stopped")
  cell.state = cell.self = cell.scope = undefined
  const watchers = cell.more?.watchers
  if (watchers === undefined) return
  for (const watcher of watchers) watcher(reason)
  watchers.clear()
}

/** The handler of the current message has died: the message is not tried again. */
export const crash = (cell: Cell, cause: Cause.Cause<unknown>): void => {
  const envelope = cell.current
  cell.current = undefined
  more(cell).lastCrash = cause
  if (envelope !== undefined) {
    cell.deadLettered++
    cell.system.deadLetter(cell, envelope, "crashed", cause)
    if (envelope.kind === "ask") {
      const stopped = new ActorStopped({ actor: pathOf(cell), reason: "crashed", cause })
      settle(envelope as Request, Exit.fail(stopped))
    }
  }
  end(cell, { _tag: "Crashed", cause }, Exit.failCause(cause))
}

/** Closes the Scope of the incarnation, then tells who waits for the end, or else the parent. */
export const end = (cell: Cell, reason: ExitReason, exit: Exit.Exit<unknown, unknown>): void => {
  cell.status = "stopping"
  cell.awake = true
  const ended = (closed: Exit.Exit<void>) => {
    if (Exit.isFailure(closed)) report(cell, closed.cause)
    cell.status = "restarting"
    cell.state = cell.self = cell.scope = cell.fiber = undefined
    const waiting = cell.more?.ended
    if (waiting === undefined || waiting.length === 0) return cell.parent.childExited(cell, reason)
    cell.more!.ended = []
    for (const resume of waiting) cell.system.turns.schedule(resume)
  }
  const closing = cell.scope === undefined ? undefined : Scope.closeUnsafe(cell.scope, exit)
  if (closing === undefined) return ended(Exit.void)
  Effect.runForkWith(cell.context)(closing).addObserver(ended)
}

const report = (cell: Cell, cause: Cause.Cause<unknown>): void => {
  Effect.runForkWith(cell.system.context)(
    Effect.logError(`The cleanup of ${pathOf(cell)} failed`, cause)
  )
}

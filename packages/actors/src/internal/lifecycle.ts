/**
 * The lives of a cell: what starts an incarnation, what ends it, and what ends the cell.
 *
 * Parents use `start` or `begin`, `cease` and `terminate`. Everybody else may only request an end, of which the
 * parent is told.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { ActorStopped } from "../ActorError.ts"
import type { Reason } from "../Down.ts"
import { type Cell, more, pathOf, wake } from "./cell.ts"
import * as Expiries from "./expiries.ts"
import { CurrentFrame } from "./frames.ts"
import * as Mailbox from "./mailbox.ts"
import { report } from "./reports.ts"
import * as Requests from "./requests.ts"

/**
 * Begins an incarnation of a `restarting` cell: runs `init`, and from then on its messages.
 *
 * A failure is returned once what `init` had acquired is released; the cell is `restarting` again
 * then. Interrupting it ends the incarnation. `asker` is the handling that waits for it.
 */
export const start = (
  cell: Cell,
  asker?: Requests.Frame
): Effect.Effect<Exit.Exit<void, unknown>> =>
  Effect.callback((resume) => {
    let isInline = true
    begin(cell, asker, (exit) => {
      if (isInline) resume(Effect.succeed(exit))
      else cell.system.turns.schedule(() => resume(Effect.succeed(exit)))
    })
    isInline = false
    return Effect.callback<void>((resume) => cease(cell, "kill", () => resume(Effect.void)))
  })

/** An `init` may spawn, and so on: from this depth of calls on, each begins in a turn of its own. */
const nestedMax = 16

/** `start` as a call: what came of it is told to `done`, perhaps within the call. */
export const begin = (
  cell: Cell,
  asker: Requests.Frame | undefined,
  done: (exit: Exit.Exit<void, unknown>) => void
): void => {
  // Hazard: the Scope of a spawn may close between the making of its cell and this.
  if (cell.status === "stopped") return done(Exit.interrupt())
  cell.status = "starting"
  cell.incarnations++
  cell.ending = undefined
  const life = cell.system.makeLife(cell)
  cell.life = life
  const frame: Requests.Frame = { cell, outer: asker, request: undefined, active: true }
  const started = (exit: Exit.Exit<unknown, unknown>) => {
    frame.active = false
    cell.fiber = undefined
    if (Exit.isFailure(exit)) {
      whenEnded(cell, true, () => done(Exit.asVoid(exit)))
      const isKilled = cell.ending?._tag === "Killed" && Cause.hasInterruptsOnly(exit.cause)
      return end(cell, isKilled ? cell.ending! : { _tag: "Crashed", cause: exit.cause })
    }
    life.state = exit.value
    cell.status = "running"
    cell.awake = false
    if (cell.ending !== undefined || !Mailbox.isEmpty(cell)) wake(cell)
    else life.rest()
    done(Exit.void)
  }
  const init = Effect.withFiber((fiber) => {
    cell.fiber = fiber
    return cell.ending?._tag === "Killed" ? Effect.interrupt : cell.behavior.init(life)
  })
  const run = () => {
    const fiber = Effect.runForkWith(Context.add(servicesOf(cell), CurrentFrame, frame))(init)
    fiber.addObserver(started)
  }
  const { system } = cell
  if (system.startsInside >= nestedMax) return system.turns.schedule(run)
  system.startsInside++
  run()
  system.startsInside--
}

/** What the effects of an incarnation may use: the services of the cell, and its Scope. */
export const servicesOf = (cell: Cell): Context.Context<never> =>
  Context.add(cell.services, Scope.Scope, cell.life!.scope)

/** Asks a cell to end after its current message. Its parent is told. */
export const requestStop = (cell: Cell): void => requestEnd(cell, { _tag: "Stopped" })

/** Interrupts what a cell does, and ends it. Its parent is told. */
export const requestKill = (cell: Cell): void => {
  requestEnd(cell, { _tag: "Killed" })
  if (cell.status === "starting" || cell.status === "running") cell.fiber?.interruptUnsafe()
}

/** Ends a cell after its current message as if that had crashed. Its parent is told. */
export const requestCrash = (cell: Cell, cause: Cause.Cause<unknown>): void => {
  if (cell.status !== "starting" && cell.status !== "running") return
  more(cell).lastCrash = cause
  report(cell.system.context, `${pathOf(cell)} crashes`, cause)
  requestEnd(cell, { _tag: "Crashed", cause })
}

const requestEnd = (cell: Cell, reason: Reason): void => {
  if (cell.status !== "starting" && cell.status !== "running") return
  if (cell.ending === undefined || reason._tag === "Killed") cell.ending = reason
  wake(cell)
}

/**
 * Ends the incarnation, for the parent, which is not told: waits for the current message as long as
 * the grace lasts, then interrupts it; then releases what the incarnation acquired. The mailbox is
 * kept. `done` is called when the cell is `restarting`, or was, or is `stopped`; perhaps within the call.
 */
export const cease = (cell: Cell, grace: Duration.Duration | "kill", done: () => void): void => {
  if (cell.status === "restarting" || cell.status === "stopped") return done()
  const { expiries } = cell.system
  const patience = { onExpiry: () => requestKill(cell), ...Expiries.idle }
  // Hazard: a kill may end the incarnation within its call, so who waits for that comes first.
  whenEnded(cell, true, () => {
    expiries.leave(patience)
    done()
  })
  if (grace === "kill") return requestKill(cell)
  requestStop(cell)
  const busy = cell.status === "starting" || cell.current !== undefined
  if (Duration.isFinite(grace) && busy) expiries.enter(patience, Duration.toMillis(grace))
}

/** How a cell ended last, for who ends it for ever in good order. */
export const lastEnd = (cell: Cell): Reason => cell.ending ?? { _tag: "Stopped" }

/** Ends a cell without an incarnation for ever: its messages are refused, watchers are told. */
export const terminate = (cell: Cell, reason: Reason): void => {
  if (cell.status === "stopped") return
  Mailbox.discardAll(cell, reason._tag === "Killed" ? "killed" : "stopped")
  cell.status = "stopped"
  cell.system.cells.delete(cell.id)
  const watchers = cell.more?.watchers
  if (watchers === undefined) return
  for (const watcher of watchers.values()) watcher(reason)
  watchers.clear()
}

/** The handler of the current message has died. The message is not tried again. */
export const crash = (cell: Cell, cause: Cause.Cause<unknown>): void => {
  const envelope = cell.current!
  cell.current = undefined
  more(cell).lastCrash = cause
  Mailbox.deadLetter(cell, envelope, "crashed", cause)
  report(cell.system.context, `${pathOf(cell)} crashed on ${envelope.tag}`, cause)
  if (Requests.isRequest(envelope)) {
    const answer = new ActorStopped({ actor: pathOf(cell), reason: "crashed", cause })
    Requests.settle(envelope, Exit.fail(answer))
  }
  end(cell, { _tag: "Crashed", cause })
}

/** Closes the Scope of the incarnation, then tells who waits for that, or else the parent. */
export const end = (cell: Cell, reason: Reason): void => {
  const life = cell.life!
  cell.status = "stopping"
  cell.ending = reason
  cell.awake = true
  life.end()
  const ended = (closed: Exit.Exit<void>) => {
    if (Exit.isFailure(closed)) reportCleanup(cell, reason, closed.cause)
    Mailbox.unstash(cell)
    cell.status = "restarting"
    cell.life = undefined
    tellEnded(cell, reason)
  }
  const closing = Scope.closeUnsafe(life.scope, exitOf(reason))
  if (closing === undefined) return ended(Exit.void)
  Effect.runForkWith(cell.system.context)(closing).addObserver(ended)
}

const tellEnded = (cell: Cell, reason: Reason): void => {
  const { more } = cell
  if (more?.isParentWaiting !== true) cell.parent.childExited(cell, reason)
  if (more === undefined) return
  const { ended } = more
  more.ended = []
  more.isParentWaiting = false
  for (const resume of ended) cell.system.turns.schedule(resume)
}

/** Calls once, in a turn of its own, when the incarnation has ended. */
export const whenEnded = (cell: Cell, isParent: boolean, ended: () => void): void => {
  const rare = more(cell)
  rare.ended.push(ended)
  rare.isParentWaiting ||= isParent
}

const exitOf = (reason: Reason): Exit.Exit<void, unknown> => {
  if (reason._tag === "Crashed") return Exit.failCause(reason.cause)
  return reason._tag === "Killed" ? Exit.interrupt() : Exit.void
}

/** The cause of a failed close repeats what the Scope was closed with. */
const reportCleanup = (cell: Cell, reason: Reason, cause: Cause.Cause<unknown>): void => {
  const known = new Set<unknown>(reason._tag === "Crashed" ? reason.cause.reasons : [])
  const own = cause.reasons.filter((reason) => !known.has(reason) && reason._tag !== "Interrupt")
  if (own.length === 0) return
  report(cell.system.context, `The cleanup of ${pathOf(cell)} failed`, Cause.fromReasons(own))
}

/**
 * Runs the messages of a cell, one after the other.
 *
 * Tells run one after the other in one fiber, and what they make of the state is stored in the step
 * in which they end. A defect ends that fiber, which is how a crash is seen: a message that does not
 * crash pays nothing for it. An ask runs in a fiber of its own, which its asker may interrupt.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Cell, count } from "./cell.ts"
import { CurrentFrame } from "./frames.ts"
import type * as Lane from "./lane.ts"
import { crash, end, servicesOf } from "./lifecycle.ts"
import * as Mailbox from "./mailbox.ts"
import { reportOnce } from "./reports.ts"
import * as Requests from "./requests.ts"

/** Messages that one actor handles until others have a turn. */
const messagesPerTurn = 64

interface Turn {
  readonly cell: Cell
  readonly services: Context.Context<never>
  left: number
}

/** Runs messages until the turn is over, none is left, or one has to wait. */
export const turn = (cell: Cell): void => {
  if (cell.status !== "running") return
  cell.life!.busy()
  const turn: Turn = { cell, services: servicesOf(cell), left: messagesPerTurn }
  if (takeTell(turn)) runTells(turn)
  else rest(cell)
}

/**
 * Handles asks until the next message is another one, which is the current one then. False when the
 * turn is over, or the handler of an ask has to wait.
 */
const takeTell = (turn: Turn): boolean => {
  const { cell } = turn
  while (turn.left > 0 && isFree(cell)) {
    const envelope = Mailbox.take(cell)
    if (envelope === undefined) return false
    turn.left--
    cell.current = envelope
    if (!Requests.isRequest(envelope)) return true
    runAsk(turn, envelope)
  }
  return false
}

/** Whether the cell may take a message: the last one is over, and has not ended the incarnation. */
const isFree = (cell: Cell): boolean =>
  cell.current === undefined && cell.ending === undefined && cell.status === "running"

/** What comes after a turn. */
const rest = (cell: Cell): void => {
  // The handler of an ask that waits for something goes on by itself.
  if (cell.status !== "running" || cell.current !== undefined) return
  if (cell.ending !== undefined) return end(cell, cell.ending)
  if (!Mailbox.isEmpty(cell)) return cell.system.turns.schedule(() => turn(cell))
  cell.awake = false
  cell.life!.rest()
}

const handle = (cell: Cell, { kind, payload, tag }: Lane.Envelope) => {
  const value = kind === "down" ? (payload as () => unknown)() : payload
  // The types of `Behavior.make` say that this handler takes this payload and this state.
  return cell.behavior.handlers[tag]!(value as never, cell.life!.state as never, cell.life!)
}

const runTells = (turn: Turn): void => {
  const { cell, services } = turn
  let frame: Requests.Frame | undefined
  let first = true
  const tells = Effect.withFiber((fiber) =>
    Effect.whileLoop({
      while: () => {
        if (!first) return takeTell(turn)
        first = false
        return true
      },
      body: () => {
        cell.fiber = fiber
        frame = { cell, outer: undefined, request: undefined, active: true }
        fiber.setContext(Context.add(services, CurrentFrame, frame))
        return handle(cell, cell.current!)
      },
      step: ([, state]) => {
        frame!.active = false
        cell.life!.state = state
        done(cell, "handled")
      }
    })
  )
  Effect.runForkWith(services)(tells).addObserver((exit) => {
    if (frame !== undefined) frame.active = false
    if (Exit.isFailure(exit)) tellFailed(cell, cell.current!, exit.cause)
    rest(cell)
  })
}

/** The current message is over. */
const done = (cell: Cell, what: "handled" | "rejected"): void => {
  count(cell, what)
  cell.current = undefined
  cell.fiber = undefined
}

const tellFailed = (cell: Cell, envelope: Lane.Envelope, cause: Cause.Cause<unknown>): void => {
  cell.fiber = undefined
  if (Cause.hasDies(cause)) return died(cell, envelope, cause)
  if (cell.ending?._tag === "Killed") {
    cell.current = undefined
    return Mailbox.discard(cell, envelope, "killed")
  }
  if (!Cause.hasFails(cause)) return crash(cell, cause)
  done(cell, "handled")
  reportOnce(
    cell,
    `failure of ${envelope.tag}`,
    `was told ${envelope.tag}, and nobody waits for the failure it replied with; it is not reported again`,
    cause
  )
}

/** A handler has died: of a bug, unless it was how it puts its message aside. */
const died = (cell: Cell, envelope: Lane.Envelope, cause: Cause.Cause<unknown>): void => {
  const isAside = cause.reasons.every((r) => r._tag === "Die" && r.defect === Mailbox.putAside)
  if (!isAside) return crash(cell, cause)
  cell.current = undefined
  Mailbox.stash(cell, envelope)
}

const runAsk = ({ cell, services }: Turn, request: Requests.Request): void => {
  const { asker } = request
  const frame: Requests.Frame = { cell, outer: asker, request, active: true }
  const answer = Effect.withFiber((fiber) => {
    cell.fiber = fiber
    return handle(cell, request)
  })
  const fiber = Effect.runForkWith(Context.add(services, CurrentFrame, frame))(
    answer,
    cell.behavior.uninterruptible.has(request.tag) ? { uninterruptible: true } : undefined
  )
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) {
    frame.active = false
    return answered(cell, request, exit)
  }
  fiber.addObserver((exit) => {
    frame.active = false
    answered(cell, request, exit)
    if (cell.status === "running") cell.system.turns.schedule(() => turn(cell))
  })
}

const answered = (
  cell: Cell,
  request: Requests.Request,
  exit: Exit.Exit<readonly [unknown, unknown], unknown>
): void => {
  cell.fiber = undefined
  if (Exit.isSuccess(exit)) {
    const [reply, state] = exit.value
    cell.life!.state = state
    done(cell, "handled")
    return Requests.settle(request, Exit.succeed(reply))
  }
  if (Cause.hasDies(exit.cause)) return died(cell, request, exit.cause)
  if (cell.ending?._tag === "Killed") {
    cell.current = undefined
    return Mailbox.discard(cell, request, "killed")
  }
  if (request.over) return done(cell, "rejected")
  if (!Cause.hasFails(exit.cause)) return crash(cell, exit.cause)
  done(cell, "handled")
  Requests.settle(request, Exit.failCause(exit.cause))
}

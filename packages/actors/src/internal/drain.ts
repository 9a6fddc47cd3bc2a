/**
 * Runs the messages of a cell, one after the other.
 *
 * Tells run one after the other in one fiber: what they make of the state is stored in the step in
 * which they end. A defect ends that fiber, which is how a crash is seen, so that a message that does
 * not crash pays nothing for it. An ask runs in a fiber of its own, which its asker may interrupt.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Cell, Frame, Request } from "./cell.ts"
import { pathOf, wake } from "./cell.ts"
import type * as Lane from "./lane.ts"
import { crash, end } from "./lifecycle.ts"
import * as Mailbox from "./mailbox.ts"
import { CurrentFrame, settle } from "./requests.ts"

/** Messages of one actor until others have a turn. */
const messagesPerTurn = 64

/** One turn: runs messages until the budget is used, none is left, or one has to wait. */
export const turn = (cell: Cell): void => {
  if (cell.status !== "running") return
  const budget = { left: messagesPerTurn }
  if (advance(cell, budget)) return runTells(cell, budget)
  rest(cell)
}

/**
 * Handles asks until the next message is a tell, which is the current one then. False when the turn
 * is over, or the handler of an ask has to wait.
 */
const advance = (cell: Cell, budget: { left: number }): boolean => {
  while (budget.left > 0 && cell.ending === undefined && cell.current === undefined) {
    const envelope = Mailbox.take(cell)
    if (envelope === undefined) return false
    budget.left--
    cell.current = envelope
    if (envelope.kind !== "ask") return true
    runAsk(cell, envelope as Request)
  }
  return false
}

/** What comes after a turn, or after the handler that it had to wait for. */
const rest = (cell: Cell): void => {
  // The handler of an ask waits for something; its end goes on.
  if (cell.status !== "running" || cell.current !== undefined) return
  if (cell.ending !== undefined) return end(cell, cell.ending, Exit.void)
  if (cell.mailbox !== undefined && cell.mailbox.size > 0) wake(cell)
  else cell.awake = false
}

const handle = (cell: Cell, { payload, tag }: Lane.Envelope) =>
  cell.behavior.handlers[tag]!(payload as never, cell.state as never, cell.self!)

const runTells = (cell: Cell, budget: { left: number }): void => {
  let frame: Frame | undefined
  let first = true
  const tells = Effect.withFiber((fiber) =>
    Effect.whileLoop({
      while: () => {
        if (first) {
          first = false
          return true
        }
        return advance(cell, budget)
      },
      body: () => {
        cell.fiber = fiber
        frame = enter(cell, fiber)
        return handle(cell, cell.current!)
      },
      step: ([, state]) => {
        frame!.active = false
        cell.state = state
        cell.handled++
        cell.current = undefined
        cell.fiber = undefined
      }
    })
  )
  const fiber = Effect.runForkWith(cell.context)(tells)
  fiber.addObserver((exit) => {
    if (frame !== undefined) frame.active = false
    if (Exit.isFailure(exit)) failed(cell, exit.cause)
    rest(cell)
  })
}

/** Lets the code of one message see that it is a part of it. */
const enter = (cell: Cell, fiber: Fiber.Fiber<unknown, unknown>): Frame => {
  const frame: Frame = { cell, outer: undefined, active: true }
  fiber.setContext(Context.add(cell.context, CurrentFrame, frame))
  return frame
}

/** The handler of a tell has not succeeded: nobody waits for a failure, and a defect is a crash. */
const failed = (cell: Cell, cause: Cause.Cause<unknown>): void => {
  cell.fiber = undefined
  if (cell.ending?._tag === "Killed") {
    const envelope = cell.current!
    cell.current = undefined
    return Mailbox.discard(cell, envelope, "killed")
  }
  if (Cause.hasDies(cause) || !Cause.hasFails(cause)) return crash(cell, cause)
  const { tag } = cell.current!
  cell.handled++
  cell.current = undefined
  Effect.runForkWith(cell.system.context)(
    Effect.logWarning(`${pathOf(cell)} replied to ${tag}, which was told, with a failure`, cause)
  )
}

const runAsk = (cell: Cell, request: Request): void => {
  const frame: Frame = { cell, outer: request.caller, active: true }
  const fiber = Effect.runForkWith(Context.add(cell.context, CurrentFrame, frame))(
    Effect.withFiber((fiber) => {
      cell.fiber = fiber
      return handle(cell, request)
    })
  )
  const exit = fiber.pollUnsafe()
  if (exit !== undefined) return answered(cell, request, frame, exit)
  fiber.addObserver((exit) => {
    answered(cell, request, frame, exit)
    if (cell.status === "running") cell.system.turns.schedule(() => turn(cell))
  })
}

const answered = (
  cell: Cell,
  request: Request,
  frame: Frame,
  exit: Exit.Exit<readonly [unknown, unknown], unknown>
): void => {
  frame.active = false
  cell.fiber = undefined
  if (Exit.isSuccess(exit)) {
    cell.current = undefined
    const [reply, state] = exit.value
    cell.state = state
    cell.handled++
    return settle(request, Exit.succeed(reply))
  }
  if (Cause.hasDies(exit.cause)) return crash(cell, exit.cause)
  if (cell.ending?._tag === "Killed") {
    cell.current = undefined
    return Mailbox.discard(cell, request, "killed")
  }
  if (request.over) {
    cell.current = undefined
    cell.rejected++
    return
  }
  if (!Cause.hasFails(exit.cause)) return crash(cell, exit.cause)
  cell.current = undefined
  cell.handled++
  settle(request, Exit.failCause(exit.cause))
}

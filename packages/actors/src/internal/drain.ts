/**
 * Runs the messages of a cell, one after the other.
 *
 * A handler whose effect is a value already, such as `Effect.succeed`, needs no fiber. The other
 * tells run one after the other in one fiber, and what they make of the state is stored in the step
 * in which they end. A defect ends that fiber, which is how a crash is seen: a message that does not
 * crash pays nothing for it. Another ask runs in a fiber of its own, which its asker may interrupt.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Cell, count } from "./cell.ts"
import { CurrentFrame } from "./frames.ts"
import type * as Lane from "./lane.ts"
import { crash, end, servicesOf } from "./lifecycle.ts"
import * as Mailbox from "./mailbox.ts"
import { reportOnce } from "./reports.ts"
import * as Requests from "./requests.ts"

/** Defect of a handler that got past its types. */
class NoPair extends Data.TaggedError("NoPair")<{ readonly tag: string }> {
  override get message(): string {
    return `The handler of ${this.tag} did not return an effect of [reply, state]: give it both`
  }
}

/** Messages that one actor handles until others have a turn. */
const messagesPerTurn = 64

/** What a handler makes of its message and the state. */
type Result = readonly [reply: unknown, state: unknown]

/** What a handler returns: how to get there, or where it is already. */
type Handling = Effect.Effect<Result, unknown>

/** Runs messages until the turn is over, none is left, or one has to wait. */
export const turn = (cell: Cell): void => {
  if (cell.status !== "running") return
  cell.life!.busy()
  const turn: Turn = { cell, left: messagesPerTurn }
  const handling = advance(turn)
  if (handling === undefined) rest(cell)
  else runTells(turn, handling)
}

/** Handles an ask of a cell that has nothing to do, as a turn would that has this message only. */
export const handleNow = (cell: Cell, request: Requests.Request): void => {
  cell.awake = true
  cell.life!.busy()
  cell.current = request
  const handling = handle(cell, request)
  if (isOver(handling)) answered(cell, request, handling)
  else runAsk(cell, request, handling)
  rest(cell)
}

interface Turn {
  readonly cell: Cell
  left: number
}

/**
 * Handles messages until one is a tell that needs a fiber, which is the current one then. Nothing
 * when the turn is over, or the handler of an ask has to wait.
 */
const advance = (turn: Turn): Handling | undefined => {
  const { cell } = turn
  while (turn.left > 0 && isFree(cell)) {
    const envelope = Mailbox.take(cell)
    if (envelope === undefined) return undefined
    turn.left--
    cell.current = envelope
    const handling = handle(cell, envelope)
    if (Requests.isRequest(envelope)) {
      if (isOver(handling)) answered(cell, envelope, handling)
      else runAsk(cell, envelope, handling)
    } else if (!isOver(handling)) return handling
    else if (Exit.isSuccess(handling)) told(cell, handling.value)
    else tellFailed(cell, envelope, handling.cause)
  }
  return undefined
}

/** Whether the cell may take a message: the last one is over, and has not ended the incarnation. */
const isFree = (cell: Cell): boolean =>
  cell.current === undefined && cell.ending === undefined && cell.status === "running"

/** What comes after a turn. */
const rest = (cell: Cell): void => {
  // The handler of an ask that waits for something goes on by itself. One that crashed may have been
  // restarted within its call, and rests already.
  if (cell.status !== "running" || cell.current !== undefined || !cell.awake) return
  if (cell.ending !== undefined) return end(cell, cell.ending)
  if (!Mailbox.isEmpty(cell)) return cell.system.turns.schedule(() => turn(cell))
  cell.awake = false
  cell.life!.rest()
}

/** Calls the handler; one that throws dies of it. */
const handle = (cell: Cell, envelope: Lane.Envelope): Handling => {
  try {
    if (Mailbox.isDown(envelope)) envelope.payload = envelope.makePayload()
    const { payload, tag } = envelope
    // The types of `Behavior.make` say that this handler takes this payload and this state.
    const handling: Handling | undefined = cell.behavior.handlers[tag]!(
      payload as never,
      cell.life!.state as never,
      cell.life!
    )
    return handling ?? Exit.die(new NoPair({ tag }))
  } catch (defect) {
    return Exit.die(defect)
  }
}

const isOver = (handling: Handling): handling is Exit.Exit<Result, unknown> => Exit.isExit(handling)

const runTells = (turn: Turn, first: Handling): void => {
  const { cell } = turn
  const services = servicesOf(cell)
  let handling: Handling | undefined = first
  let frame: Requests.Frame | undefined
  const tells = Effect.withFiber((fiber) => {
    // A kill may come before the first handler has begun.
    cell.fiber = fiber
    return Effect.whileLoop({
      while: () => (handling ??= advance(turn)) !== undefined,
      body: () => {
        const current = handling!
        handling = undefined
        cell.fiber = fiber
        frame = { cell, outer: undefined, request: undefined, active: true }
        fiber.setContext(Context.add(services, CurrentFrame, frame))
        return current
      },
      step: (result) => {
        frame!.active = false
        told(cell, result)
      }
    })
  })
  Effect.runForkWith(services)(tells).addObserver((exit) => {
    // After the last handler it can only have been interrupted, by something which that had started.
    const isOver = frame?.active === false
    if (frame !== undefined) frame.active = false
    if (Exit.isFailure(exit) && !isOver) tellFailed(cell, cell.current!, exit.cause)
    rest(cell)
  })
}

/** The handler of a tell has returned. */
const told = (cell: Cell, result: Result): void => {
  if (!Array.isArray(result)) return noPair(cell)
  cell.life!.state = result[1]
  done(cell, "handled")
}

const noPair = (cell: Cell): void => {
  cell.fiber = undefined
  crash(cell, Cause.die(new NoPair({ tag: cell.current!.tag })))
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
  // One that is interrupted may put its message aside as it ends.
  const defects = cause.reasons.filter(Cause.isDieReason)
  const isAside = defects.every(({ defect }) => defect === Mailbox.putAside)
  if (!isAside || Cause.hasFails(cause)) return crash(cell, cause)
  cell.current = undefined
  Mailbox.stash(cell, envelope)
}

const runAsk = (cell: Cell, request: Requests.Request, handling: Handling): void => {
  const { asker } = request
  const frame: Requests.Frame = { cell, outer: asker, request, active: true }
  const answer = Effect.withFiber((fiber) => {
    cell.fiber = fiber
    return handling
  })
  const fiber = Effect.runForkWith(Context.add(servicesOf(cell), CurrentFrame, frame))(
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
  exit: Exit.Exit<Result, unknown>
): void => {
  cell.fiber = undefined
  if (Exit.isSuccess(exit)) {
    if (!Array.isArray(exit.value)) return noPair(cell)
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

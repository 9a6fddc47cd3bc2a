/** The address of an actor in this process. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Hash from "effect/Hash"
import type * as Rpc from "effect/rpc/Rpc"
import * as Waits from "@fibra/tasks/Waits"
import { ActorStopped, AskCycle, MailboxFull } from "../ActorError.ts"
import type { ActorRef, AskOptions } from "../ActorRef.ts"
import { type Cell, count, pathOf } from "./cell.ts"
import { handleNow } from "./drain.ts"
import { CurrentFrame, cycle } from "./frames.ts"
import * as Lane from "./lane.ts"
import * as Mailbox from "./mailbox.ts"
import * as Requests from "./requests.ts"
import type { WaitingTell } from "./waiting.ts"

const defaultTimeout = Duration.seconds(5)

// A class, as there may be a million, and closures for their methods would cost each of them more.
class LocalRef implements Equal.Equal {
  readonly cell: Cell
  constructor(cell: Cell) {
    this.cell = cell
  }
  // An address that was decoded is another object, but the same address.
  [Equal.symbol](that: unknown): boolean {
    return (
      that instanceof LocalRef &&
      that.cell.id === this.cell.id &&
      that.cell.system === this.cell.system
    )
  }
  [Hash.symbol](): number {
    return Hash.number(this.cell.id)
  }
  get path(): string {
    return pathOf(this.cell)
  }
  get id(): number {
    return this.cell.id
  }
  tell(tag: string, payload?: unknown): Effect.Effect<void, MailboxFull> {
    return Effect.suspend(() =>
      Mailbox.isFull(this.cell) && this.cell.settings.overflow === "suspend"
        ? Effect.withFiber((fiber) => {
            const isOwnTurn = cycle(this.cell, fiber.getRef(CurrentFrame)) !== undefined
            if (isOwnTurn) return full(this.cell)
            return observed(fiber, this.cell, tellLater(this.cell, tag, payload))
          })
        : this.tellUnsafe(tag, payload)
    )
  }
  tellUnsafe(tag: string, payload?: unknown): Exit.Exit<void, MailboxFull> {
    const offered = Mailbox.offer(this.cell, Mailbox.envelope("tell", tag, payload), false)
    return offered === "full" ? full(this.cell) : Exit.void
  }
  ask(tag: string, payload?: unknown, options?: AskOptions): Effect.Effect<never> {
    return Effect.withFiber((fiber) => {
      const asker = fiber.getRef(CurrentFrame)
      const path = cycle(this.cell, asker)
      if (path !== undefined) return Effect.fail(new AskCycle({ path }))
      return observed(fiber, this.cell, ask(this.cell, tag, payload, options?.timeout, asker))
    }) as Effect.Effect<never>
  }
}

const full = (cell: Cell): Exit.Exit<never, MailboxFull> =>
  Exit.fail(new MailboxFull({ actor: pathOf(cell), capacity: cell.settings.capacity }))

const tellLater = (cell: Cell, tag: string, payload: unknown): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const admitted = () => resume(Effect.void)
    const envelope: WaitingTell = { ...Mailbox.envelope("tell", tag, payload), admitted }
    if (Mailbox.offer(cell, envelope, true) !== "waiting") return admitted()
    return Effect.sync(() => {
      if (envelope.lane !== undefined && envelope.lane === cell.more?.waiting) {
        Lane.remove(envelope.lane, envelope)
      }
    })
  })

const ask = (
  cell: Cell,
  tag: string,
  payload: unknown,
  timeout: Duration.Input = defaultTimeout,
  asker: Requests.Frame | undefined
): Effect.Effect<unknown, unknown> =>
  Effect.callback((resume) => {
    const duration = Duration.fromInputUnsafe(timeout)
    const request = Requests.make(cell, tag, payload, duration, asker, resume)
    if (!isHandledNow(cell, request)) {
      const offered = Mailbox.offer(cell, request, true)
      if (offered === "full") return resume(full(cell))
      if (offered === "stopped") {
        return resume(Exit.fail(new ActorStopped({ actor: pathOf(cell), reason: "stopped" })))
      }
    }
    request.isNew = false
    if (request.over) return
    Requests.startTimeout(request)
    return Effect.sync(() => Requests.abandon(request))
  })

/** Has an actor that has nothing to do handle a request at once, where the turn allows that. */
const isHandledNow = (cell: Cell, request: Requests.Request): boolean => {
  if (cell.status !== "running" || cell.awake) return false
  return cell.system.turns.tryNow(() => {
    count(cell, "offered")
    handleNow(cell, request)
  })
}

/** Tells the observer of waits, if there is one, that a fiber waits for a cell. */
const observed = <A, E>(
  fiber: Fiber.Fiber<unknown, unknown>,
  cell: Cell,
  wait: Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const listener = fiber.getRef(Waits.Observer)
  if (listener === undefined) return wait
  const resource = Waits.resource({
    kind: "Actor",
    name: pathOf(cell),
    holders: () => (cell.fiber === undefined ? [] : [cell.fiber])
  })
  listener.waiting(fiber, resource)
  return Effect.onExit(wait, () => Effect.sync(() => listener.waited(fiber, resource)))
}

/** The address of a cell. Which messages it may be sent is what its type says. */
export const refOf = <P extends Rpc.Any>(cell: Cell): ActorRef<P> =>
  (cell.ref ??= new LocalRef(cell)) as unknown as ActorRef<P>

/** The cell behind an address, if it is one of this process. */
export const cellOf = (ref: unknown): Cell | undefined =>
  ref instanceof LocalRef ? ref.cell : undefined

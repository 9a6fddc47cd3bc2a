/** The address of an actor in this process. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Rpc from "effect/rpc/Rpc"
import { ActorStopped, AskCycle, MailboxFull } from "../ActorError.ts"
import type { ActorRef, AskOptions } from "../ActorRef.ts"
import { type Cell, pathOf, type Request } from "./cell.ts"
import * as Lane from "./lane.ts"
import * as Mailbox from "./mailbox.ts"
import * as Requests from "./requests.ts"

const defaultTimeout = Duration.seconds(5)

// A class, as there may be a million, and closures for their methods would cost each of them more.
class LocalRef implements ActorRef<Rpc.Any> {
  readonly cell: Cell
  constructor(cell: Cell) {
    this.cell = cell
  }
  get path(): string {
    return pathOf(this.cell)
  }
  get id(): number {
    return this.cell.id
  }
  tell(tag: string, payload?: unknown): Effect.Effect<void, MailboxFull> {
    return Effect.suspend(() => {
      const envelope = Mailbox.tell(tag, payload)
      return this.cell.mailbox !== undefined &&
        this.cell.mailbox.size >= this.cell.settings.capacity
        ? waitForRoom(this.cell, envelope)
        : offered(this.cell, envelope, Mailbox.offer(this.cell, envelope, false))
    })
  }
  tellUnsafe(tag: string, payload?: unknown): Exit.Exit<void, MailboxFull> {
    const envelope = Mailbox.tell(tag, payload)
    return offered(this.cell, envelope, Mailbox.offer(this.cell, envelope, false))
  }
  ask(tag: string, payload?: unknown, options?: AskOptions): Effect.Effect<never, never> {
    return Effect.withFiber((fiber) => {
      const caller = fiber.getRef(Requests.CurrentFrame)
      const cycle = caller === undefined ? undefined : Requests.cycle(this.cell, caller)
      if (cycle !== undefined) return Effect.fail(new AskCycle({ path: cycle }))
      return Effect.callback<unknown, unknown>((resume) => {
        const request: Request = {
          kind: "ask",
          tag,
          payload,
          lane: undefined,
          previous: undefined,
          next: undefined,
          cell: this.cell,
          caller,
          resume,
          over: false,
          expiresAt: 0,
          timeout:
            options?.timeout === undefined
              ? defaultTimeout
              : Duration.fromInputUnsafe(options.timeout),
          bucket: undefined,
          earlier: undefined,
          later: undefined
        }
        const result = Mailbox.offer(this.cell, request, true)
        if (result === "stopped") {
          this.cell.rejected++
          return resume(
            Effect.fail(new ActorStopped({ actor: pathOf(this.cell), reason: "stopped" }))
          )
        }
        if (result === "full") return resume(full(this.cell))
        if (!request.over) Requests.expireLater(request)
        return Effect.sync(() => Requests.abandon(request))
      })
    }) as Effect.Effect<never, never>
  }
}

const full = (cell: Cell): Exit.Exit<never, MailboxFull> =>
  Exit.fail(new MailboxFull({ actor: pathOf(cell), capacity: cell.settings.capacity }))

const offered = (
  cell: Cell,
  envelope: Lane.Envelope,
  result: Mailbox.Offered
): Exit.Exit<void, MailboxFull> => {
  if (result === "stopped") Mailbox.discard(cell, envelope, "stopped")
  return result === "full" ? full(cell) : Exit.void
}

const waitForRoom = (
  cell: Cell,
  { payload, tag }: Lane.Envelope
): Effect.Effect<void, MailboxFull> =>
  Effect.callback((resume) => {
    const envelope: Mailbox.WaitingTell = {
      kind: "tell",
      tag,
      payload,
      lane: undefined,
      previous: undefined,
      next: undefined,
      admitted: () => resume(Effect.void)
    }
    const result = Mailbox.offer(cell, envelope, true)
    if (result !== "waiting") return resume(offered(cell, envelope, result))
    return Effect.sync(() => {
      const { lane } = envelope
      if (lane !== undefined && lane === cell.more?.waiting) Lane.remove(lane, envelope)
    })
  })

export const refOf = (cell: Cell): ActorRef<Rpc.Any> => new LocalRef(cell)

/** The cell behind an address, if it is one of this process. */
export const cellOf = (ref: unknown): Cell | undefined =>
  ref instanceof LocalRef ? ref.cell : undefined

/** Makes cells. */
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Rpc from "effect/rpc/Rpc"
import type { Behavior } from "../Behavior.ts"
import type { Cell, Overflow, Parent, Settings, System } from "./cell.ts"

export interface Options {
  readonly name?: string | undefined
  readonly mailbox?:
    | { readonly capacity?: number | undefined; readonly overflow?: Overflow | undefined }
    | undefined
  readonly shutdown?: Duration.Input | undefined
}

const defaults: Settings = { capacity: 10_000, overflow: "suspend", shutdown: "5 seconds" }

/** A cell without an incarnation: `start` gives it one. */
export const make = <P extends Rpc.Any, E, R>(
  system: System,
  parent: Parent,
  behavior: Behavior<P, E, R>,
  services: Context.Context<never>,
  options?: Options
): Cell => {
  const id = ++system.lastId
  const cell: Cell = {
    id,
    name: options?.name ?? String(id),
    system,
    parent,
    behavior: behavior as unknown as Cell["behavior"],
    settings:
      options?.mailbox === undefined && options?.shutdown === undefined
        ? defaults
        : {
            capacity: options.mailbox?.capacity ?? defaults.capacity,
            overflow: options.mailbox?.overflow ?? defaults.overflow,
            shutdown: options.shutdown ?? defaults.shutdown
          },
    services,
    status: "restarting",
    context: services,
    scope: undefined,
    self: undefined,
    state: undefined,
    mailbox: undefined,
    current: undefined,
    fiber: undefined,
    awake: true,
    ending: undefined,
    offered: 0,
    handled: 0,
    rejected: 0,
    deadLettered: 0,
    more: undefined
  }
  system.cells.set(id, cell)
  return cell
}

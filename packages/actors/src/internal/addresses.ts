/** Addresses as text, and back. */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Context from "effect/Context"
import * as SchemaIssue from "effect/SchemaIssue"
import type { ActorRef } from "../ActorRef.ts"
import type { Behavior } from "../Behavior.ts"
import type { Cell, System } from "./cell.ts"
import { cellOf, refOf } from "./localRef.ts"
import * as Spawning from "./spawning.ts"

/** The text of an address: its path, then its id. */
export const format = ({ id, path }: { readonly id: number; readonly path: string }): string =>
  `${path}#${id}`

/** The address that a text stands for. Where the actor is gone, it is one of a stopped actor. */
export const parse = <P extends Rpc.Any>(
  system: System,
  text: string,
  protocol: RpcGroup.RpcGroup<P>
): Effect.Effect<ActorRef<P>, SchemaIssue.Issue> => {
  const [, path, digits] = /^(\/.*)#(\d+)$/.exec(text) ?? []
  if (path === undefined) return invalid("an address such as /bank/alice#17", text)
  const id = Number(digits)
  const cell = system.cells.get(id) ?? gone(system, path, id)
  if (cell.status !== "stopped" && !understands(cell, protocol)) {
    return invalid("the address of an actor that understands this protocol", text)
  }
  // That it understands these messages was checked above.
  return Effect.succeed(refOf<P>(cell))
}

/** Whether the value is an address of an actor here that understands the protocol. */
export const isRef =
  <P extends Rpc.Any>(protocol: RpcGroup.RpcGroup<P>) =>
  (value: unknown): value is ActorRef<P> => {
    const cell = cellOf(value)
    return cell !== undefined && (cell.status === "stopped" || understands(cell, protocol))
  }

const understands = <P extends Rpc.Any>(
  { behavior }: Cell,
  protocol: RpcGroup.RpcGroup<P>
): boolean => {
  const known: ReadonlyMap<string, unknown> = behavior.protocol.requests
  if (known === protocol.requests) return true
  return Array.from(protocol.requests).every(([tag, rpc]) => known.get(tag) === rpc)
}

const invalid = (expected: string, text: string) =>
  Effect.fail(new SchemaIssue.InvalidValue({ expected }, text))

/** An actor that has stopped already, for an address that outlived its own. */
const gone = (system: System, path: string, id: number): Cell => {
  const slash = path.lastIndexOf("/")
  const parent = { path: path.slice(0, slash), childExited: () => {} }
  const settings = Spawning.settings({ name: path.slice(slash + 1) })
  return Spawning.record(id, system, parent, nothing, Context.empty(), settings)
}

const nothing: Behavior<never> = {
  protocol: RpcGroup.make(),
  init: () => Effect.never,
  handlers: {},
  uninterruptible: new Set()
}

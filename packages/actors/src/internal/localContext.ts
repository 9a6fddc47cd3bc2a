/** What a cell gives to its handlers. */
import * as Effect from "effect/Effect"
import type * as Rpc from "effect/rpc/Rpc"
import type { ActorContext } from "../Behavior.ts"
import type { ActorRef } from "../ActorRef.ts"
import type { Cell } from "./cell.ts"
import { refOf } from "./localRef.ts"

// A class, as every actor has one of these, and closures for its methods would cost each actor more.
class LocalContext implements ActorContext<Rpc.Any> {
  readonly cell: Cell
  constructor(cell: Cell) {
    this.cell = cell
  }
  get self(): ActorRef<Rpc.Any> {
    return refOf(this.cell)
  }
  get stop(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.cell.ending ??= { _tag: "Stopped" }
    })
  }
}

export const makeContext = (cell: Cell): ActorContext<Rpc.Any> => new LocalContext(cell)

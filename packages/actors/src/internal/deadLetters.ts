/** Keeps, counts and logs dead letters. */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import type { DeadLetter, DeadLetters, Reason } from "../DeadLetters.ts"
import { type Cell, more } from "./cell.ts"

const readerBehindMax = 1_000

export interface Store {
  readonly service: DeadLetters["Service"]
  readonly add: (cell: Cell, letter: DeadLetter) => void
}

export const make = (keptMax: number): Effect.Effect<Store> =>
  // A reader that stands still misses the oldest ones, and keeps none from the others.
  Effect.map(PubSub.sliding<DeadLetter>(readerBehindMax), (readers) => {
    // The newest is before `next`, where the oldest is once all places are taken.
    const kept: Array<DeadLetter> = []
    let next = 0
    const counts: Record<Reason, number> = {
      stopped: 0,
      killed: 0,
      crashed: 0,
      droppedNewest: 0,
      droppedOldest: 0,
      stashFull: 0
    }
    return {
      service: {
        all: Effect.sync(() => [...kept.slice(next), ...kept.slice(0, next)]),
        counts: Effect.sync(() => ({ ...counts })),
        stream: Stream.fromPubSub(readers)
      },
      add: (cell, letter) => {
        kept[next] = letter
        next = (next + 1) % keptMax
        counts[letter.reason]++
        if (!PubSub.publishUnsafe(readers, letter)) {
          Effect.runForkWith(cell.system.context)(PubSub.publish(readers, letter))
        }
        // A crash is logged with its cause, each time.
        if (letter.reason !== "crashed") logFirst(cell, letter)
      }
    }
  })

const logFirst = (cell: Cell, { actor, reason, tag }: DeadLetter): void => {
  // Who stops an actor knows that it may have messages. Who sends to one that has stopped does not.
  const level = reason === "stopped" && cell.status !== "stopped" ? "Debug" : "Warn"
  const { reported } = more(cell)
  const what = `${level} ${reason}`
  if (reported.has(what)) return
  reported.add(what)
  const text = `${actor} will not handle ${tag} (${reason}). More of these are only counted`
  Effect.runForkWith(cell.system.context)(
    Effect.withFiber((fiber) =>
      fiber.getRef(References.UnhandledLogLevel) === undefined
        ? Effect.void
        : Effect.logWithLevel(level)(text)
    )
  )
}

/** The counter as an actor of xstate, in its lightest form: a function of state and event. */
import { type ActorRefFromLogic, createActor, fromTransition } from "xstate"
import type { PlainCounters } from "./counter.ts"

interface Add {
  readonly type: "Add"
  readonly n: number
  readonly reply?: (sum: number) => void
}

const counter = fromTransition((sum: number, { n, reply }: Add) => {
  reply?.(sum + n)
  return sum + n
}, 0)

export const xstate = (): PlainCounters<ActorRefFromLogic<typeof counter>> => ({
  spawn: () => createActor(counter).start(),
  tell: (actor, n) => actor.send({ type: "Add", n }),
  ask: (actor, n) => new Promise((reply) => actor.send({ type: "Add", n, reply })),
  stop: (actor) => actor.stop(),
  isStopped: async (actor) => {
    let handled = false
    actor.send({ type: "Add", n: 1, reply: () => (handled = true) })
    return !handled
  }
})

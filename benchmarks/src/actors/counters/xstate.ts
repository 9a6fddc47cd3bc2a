/** The counter as an actor of xstate, in its lightest form: a function of state and event. */
import { createActor, fromTransition } from "xstate"
import type { PromiseCounter } from "./counter.ts"

interface Add {
  readonly type: "Add"
  readonly n: number
  readonly reply?: (sum: number) => void
}

const counter = fromTransition((sum: number, { n, reply }: Add) => {
  reply?.(sum + n)
  return sum + n
}, 0)

export const xstate = (): (() => PromiseCounter) => () => {
  const actor = createActor(counter).start()
  return {
    tell: (n) => actor.send({ type: "Add", n }),
    ask: (n) => new Promise((reply) => actor.send({ type: "Add", n, reply })),
    stop: () => actor.stop()
  }
}

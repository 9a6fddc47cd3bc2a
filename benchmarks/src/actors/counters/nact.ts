/** The counter as an actor of nact. */
import { dispatch, query, type Ref, spawn, start, stop } from "nact"
import type { PlainCounters } from "./counter.ts"

interface Message {
  readonly n: number
  readonly sender?: Ref<number>
}

const add = (sum: number, { n, sender }: Message) => {
  if (sender !== undefined) dispatch(sender, sum + n)
  return sum + n
}

/** Sets up a system. */
export const nact = (): PlainCounters<Ref<Message>> => {
  const system = start()
  let id = 0
  const ask = (ref: Ref<Message>, n: number): Promise<number> =>
    query(ref, (sender: Ref<number>): Message => ({ n, sender }), 5_000)
  return {
    // Names that nact makes up are not unique.
    spawn: () => spawn(system, add, `${++id}`, { initialState: 0 }),
    tell: (ref, n) => dispatch(ref, { n }),
    ask,
    stop,
    isStopped: (ref) =>
      ask(ref, 0).then(
        () => false,
        () => true
      )
  }
}

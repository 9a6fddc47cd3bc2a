/** The counter as an actor of nact. */
import { dispatch, query, type Ref, spawn, start, stop } from "nact"
import type { PromiseCounter } from "./counter.ts"

interface Message {
  readonly n: number
  readonly sender?: Ref<number>
}

/** Sets up a system; the result starts an actor in it. */
export const nact = (): (() => PromiseCounter) => {
  const system = start()
  return () => {
    const ref = spawn(
      system,
      (sum: number, { n, sender }: Message) => {
        if (sender !== undefined) dispatch(sender, sum + n)
        return sum + n
      },
      undefined,
      { initialState: 0 }
    )
    return {
      tell: (n) => dispatch(ref, { n }),
      ask: (n) => query(ref, (sender: Ref<number>): Message => ({ n, sender }), 5_000),
      stop: () => stop(ref)
    }
  }
}

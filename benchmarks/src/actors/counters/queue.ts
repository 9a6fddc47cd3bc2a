/** The counter as a fiber of raw Effect that takes from a Queue. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { capacity, type Counters } from "./counter.ts"

interface Message {
  readonly n: number
  readonly reply?: Deferred.Deferred<number>
}

/** A defect in `handle` ends neither the fiber nor the state, as with an actor. */
const start = Effect.gen(function* () {
  const mailbox = yield* Queue.bounded<Message>(capacity)
  let sum = 0
  const handle = ({ n, reply }: Message) => {
    sum += n
    return reply === undefined ? Effect.void : Deferred.succeed(reply, sum)
  }
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.flatMap(Queue.take(mailbox), (message) =>
        Effect.exit(Effect.suspend(() => handle(message)))
      ),
      { disableYield: true }
    )
  )
  return {
    tell: (n: number) => Queue.offer(mailbox, { n }),
    ask: (n: number) =>
      Effect.flatMap(Deferred.make<number>(), (reply) =>
        Effect.andThen(Queue.offer(mailbox, { n, reply }), Deferred.await(reply))
      )
  }
})

export const queue: Counters = Effect.succeed(start)

export const queueWithTimeout: Counters = Effect.succeed(
  Effect.map(start, ({ ask, tell }) => ({
    tell,
    ask: (n) => Effect.timeout(ask(n), "5 seconds")
  }))
)

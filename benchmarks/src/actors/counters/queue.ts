/** The counter as a fiber of raw Effect that takes from a Queue. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { capacity, type Counters, type CounterKind } from "./counter.ts"

interface Message {
  readonly n: number
  readonly reply?: Deferred.Deferred<number>
}

/** A defect in `handle` ends neither the fiber nor the state, as with an actor. */
const spawn = Effect.gen(function* () {
  const mailbox = yield* Effect.acquireRelease(Queue.bounded<Message>(capacity), Queue.shutdown)
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
  return mailbox
})

const counters: Counters<Queue.Queue<Message>, never> = {
  spawn,
  tell: (mailbox, n) => Queue.offer(mailbox, { n }),
  ask: (mailbox, n) =>
    Effect.flatMap(Deferred.make<number>(), (reply) =>
      Effect.flatMap(Queue.offer(mailbox, { n, reply }), (taken) =>
        taken ? Deferred.await(reply) : Effect.fail("stopped")
      )
    )
}

export const queue: CounterKind<Queue.Queue<Message>, never> = {
  layer: Layer.empty,
  make: Effect.succeed(counters)
}

export const queueWithTimeout: CounterKind<Queue.Queue<Message>, never> = {
  layer: Layer.empty,
  make: Effect.succeed({
    ...counters,
    ask: (mailbox, n) => Effect.timeout(counters.ask(mailbox, n), "5 seconds")
  })
}

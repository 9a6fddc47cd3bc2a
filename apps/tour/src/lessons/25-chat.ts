/** Chat: a WebSocket server, a room, and two clients that talk in it. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, Latch, PubSub, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { Socket } from "effect/socket"
import { serve } from "../Server.ts"

export const main = Effect.gen(function* () {
  // Who reads too slowly misses old messages, and holds up nobody.
  const room = yield* PubSub.sliding<string>(100)
  const full = yield* Latch.make()
  let members = 0

  // Both directions of a connection end together, whichever ends first.
  const origin = yield* serve((_, request) =>
    Effect.gen(function* () {
      const socket = yield* request.upgrade
      const pull = yield* Socket.readerString(socket)
      const { write } = yield* socket.writer
      const messages = yield* PubSub.subscribe(room)
      if (++members === 2) yield* full.open
      return yield* Task.race([
        Effect.forever(
          Effect.flatMap(pull, (said) => PubSub.publishAll(room, said))
        ),
        Effect.forever(Effect.flatMap(PubSub.take(messages), write))
      ])
    }).pipe(Effect.orElseSucceed(() => HttpServerResponse.empty()))
  )

  const client = (name: string) =>
    Effect.gen(function* () {
      const url = origin.replace("http", "ws")
      const socket = yield* Socket.makeWebSocket(url)
      const pull = yield* Socket.readerString(socket)
      const { write } = yield* socket.writer
      yield* full.await
      yield* write(`${name}: hello`)
      return yield* Stream.fromEffectRepeat(pull).pipe(
        Stream.flattenIterable,
        Stream.take(2),
        Stream.runCollect
      )
    }).pipe(Effect.scoped, Task.named(name))

  const [ada, bob] = yield* Task.gather([client("ada"), client("bob")]).pipe(
    Effect.provide(Socket.layerWebSocketConstructorGlobal)
  )
  yield* Console.log("both read:", ada.toSorted().join(", "))
  assert.deepEqual(ada.toSorted(), ["ada: hello", "bob: hello"])
  // One room, one order: what ada read first, bob read first.
  assert.deepEqual(ada, bob)
})

/** Microservices: a service asks another, and hands on the time it has left. */
import assert from "node:assert/strict"
import { Deadline, Task } from "@fibra/tasks"
import { Console, Duration, Effect } from "effect"
import { HttpClient, HttpServerResponse } from "effect/http"
import { serve } from "../Server.ts"

const budget = "x-millis-left"

export const main = Effect.gen(function* () {
  const events: Array<string> = []
  const client = yield* HttpClient.HttpClient

  // Works as long as whoever asks will wait, and not longer.
  const prices = yield* serve((path, { headers }) =>
    Effect.delay(
      Effect.sync(() => HttpServerResponse.jsonUnsafe({ cents: 450 })),
      path === "/slow" ? "10 seconds" : "1 millis"
    ).pipe(
      Deadline.within(Number(headers[budget]), "prices"),
      Effect.catchTag("DeadlineExceeded", () =>
        Effect.sync(() => {
          events.push("prices gave up by itself")
          return HttpServerResponse.empty({ status: 504 })
        })
      )
    )
  )

  const orders = yield* serve((path) =>
    Effect.gen(function* () {
      const left = yield* Deadline.remaining
      // A little less, so that the answer is still in time.
      const millis = Math.floor(Duration.toMillis(left) / 2)
      const response = yield* client.get(prices + path, {
        headers: { [budget]: String(millis) }
      })
      return HttpServerResponse.empty({ status: response.status })
    }).pipe(
      Deadline.within("2 seconds", "orders"),
      Effect.orElseSucceed(() => HttpServerResponse.empty({ status: 503 }))
    )
  )

  const order = (name: string) =>
    client.get(`${orders}/${name}`).pipe(Task.named(name))
  const [quick, slow] = yield* Task.gather([order("quick"), order("slow")])
  yield* Console.log("quick:", quick.status, "slow:", slow.status)
  for (const event of events) yield* Console.log(event)
  assert.deepEqual([quick.status, slow.status], [200, 504])
  assert.deepEqual(events, ["prices gave up by itself"])
})

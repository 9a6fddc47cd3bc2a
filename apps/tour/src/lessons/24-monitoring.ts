/** Monitoring: probes on a schedule, one stream, alerts on change. */
import assert from "node:assert/strict"
import { Task } from "@fibra/tasks"
import { Console, Effect, PubSub, Schedule, Stream } from "effect"
import { HttpClient, HttpServerResponse } from "effect/http"
import { serve } from "../Server.ts"

interface Sample {
  readonly service: string
  readonly isUp: boolean
}

export const main = Effect.gen(function* () {
  // The shop fails three times in a row, as a service does now and then.
  const calls = new Map<string, number>()
  const origin = yield* serve((path) =>
    Effect.sync(() => {
      const call = (calls.get(path) ?? 0) + 1
      calls.set(path, call)
      const isDown = path === "/shop" && call >= 3 && call <= 5
      return HttpServerResponse.empty({ status: isDown ? 500 : 204 })
    })
  )

  // A slow reader misses old samples; it never holds up the probes.
  const bus = yield* PubSub.sliding<Sample>(64)
  const probe = (service: string) =>
    HttpClient.get(`${origin}/${service}`).pipe(
      Effect.map(({ status }) => ({ service, isUp: status < 500 })),
      Effect.timeout("1 second"),
      Effect.orElseSucceed(() => ({ service, isUp: false })),
      Effect.flatMap((sample) => PubSub.publish(bus, sample)),
      Effect.repeat(Schedule.spaced("5 millis")),
      Task.named(`probe ${service}`)
    )

  // Up or down is news only when it changes; the first sample is none.
  const alerts = Stream.fromPubSub(bus).pipe(
    Stream.filter(({ service }) => service === "shop"),
    Stream.changesWith((a, b) => a.isUp === b.isUp),
    Stream.map(({ isUp }) => (isUp ? "up" : "down")),
    Stream.take(3),
    Stream.runCollect
  )

  // When the alerts are there, the probes are interrupted.
  const news = yield* Task.race([
    alerts,
    Task.gather(["shop", "search"].map(probe)).pipe(
      Effect.delay("5 millis"),
      Effect.andThen(Effect.never)
    )
  ])
  yield* Console.log("shop:", news.join(", then "))
  assert.deepEqual(news, ["up", "down", "up"])
})

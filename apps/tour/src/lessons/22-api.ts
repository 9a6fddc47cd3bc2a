/** An API: pages with a cursor, typed answers, retries that respect limits. */
import assert from "node:assert/strict"
import { Deadline } from "@fibra/tasks"
import { Console, Effect, Option, Schedule, Schema, Stream } from "effect"
import { HttpClient, HttpClientResponse, HttpServerResponse } from "effect/http"
import { serve } from "../Server.ts"

const Page = Schema.Struct({
  users: Schema.Array(Schema.Struct({ id: Schema.Int, name: Schema.String })),
  next: Schema.NullOr(Schema.String)
})

export const main = Effect.gen(function* () {
  let requests = 0
  const origin = yield* serve((path) =>
    Effect.sync(() => {
      // Every second answer is a failure of the kind that passes.
      if (++requests % 2 === 1) return HttpServerResponse.empty({ status: 503 })
      const from = Number(new URL(path, "http://x").searchParams.get("from"))
      const users = [from, from + 1].map((id) => ({ id, name: `user ${id}` }))
      const next = from < 4 ? String(from + 2) : null
      return HttpServerResponse.jsonUnsafe({ users, next })
    })
  )

  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.filterStatusOk,
    HttpClient.retryTransient({
      times: 3,
      schedule: Schedule.jittered(Schedule.exponential("5 millis"))
    })
  )
  const get = (from: string) =>
    client.get(`${origin}/users?from=${from}`).pipe(
      // What does not have the promised form is a typed error, here and now.
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Page)),
      // One deadline around the page with all of its retries.
      Deadline.within("5 seconds", `users from ${from}`)
    )

  const users = yield* Stream.paginate("0", (from) =>
    Effect.map(get(from), ({ next, users }) => [
      users,
      Option.fromNullishOr(next)
    ])
  ).pipe(Stream.runCollect)

  yield* Console.log("users:", users.map(({ id }) => id).join(" "))
  yield* Console.log("requests:", requests, "for 3 pages")
  assert.equal(users.length, 6)
  assert.equal(requests, 6)
})

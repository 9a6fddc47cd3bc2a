/** Parallel HTTP requests: six pages, three at a time, from a real server. */
import assert from "node:assert/strict"
import { Barrier, Task } from "@fibra/tasks"
import { Console, Effect } from "effect"
import { HttpClient, HttpServerResponse } from "effect/http"
import { serve } from "../Server.ts"

export const main = Effect.gen(function* () {
  // The server answers when three requests are there: one by one would hang.
  const three = yield* Barrier.make(3)
  const origin = yield* serve((path) =>
    Effect.gen(function* () {
      yield* Effect.orDie(three.await)
      const status = path === "/4" ? 404 : 200
      return HttpServerResponse.text(path, { status })
    })
  )

  const get = (page: number) =>
    Effect.gen(function* () {
      const response = yield* HttpClient.get(`${origin}/${page}`)
      return `${response.status} ${yield* response.text}`
    }).pipe(Task.named(`page ${page}`))

  // A failure, or an interrupt, would close the connections of the others.
  const answers = yield* Task.gather([1, 2, 3, 4, 5, 6].map(get), {
    concurrency: 3
  })
  for (const line of answers) yield* Console.log(line)
  assert.deepEqual(answers.slice(2, 4), ["200 /3", "404 /4"])
})

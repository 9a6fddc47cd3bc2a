/** HTTP servers for lessons: real ones on 127.0.0.1, or, where a lesson is drawn, some in memory. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Effect, type Scope } from "effect"
import {
  HttpServer,
  type HttpServerError,
  HttpServerRequest,
  type HttpServerResponse
} from "effect/http"

/** Answers a request for a path with its query, such as `/pages?from=3`. */
export type Answer = (
  path: string,
  request: HttpServerRequest.HttpServerRequest
) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>

/** Starts a server that lives as long as the scope, and gives its address. */
export type Start = (
  answer: Answer
) => Effect.Effect<string, HttpServerError.ServeError, Scope.Scope>

/** Starts a server, and gives its address: `http://127.0.0.1:PORT`, without a slash at its end. */
export const serve: Start = (answer) => Effect.flatMap(CurrentStart, (start) => start(answer))

const startReal: Start = (answer) =>
  Effect.gen(function* () {
    const node = createServer()
    const server = yield* NodeHttpServer.make(() => node, {
      port: 0,
      host: "127.0.0.1",
      gracefulShutdownTimeout: "200 millis"
    })
    // Clients that keep their connections open must not keep the server.
    yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
    // Handlers start uninterruptible, and so would be all that they race.
    yield* server.serve(
      Effect.interruptible(
        Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
          answer(request.url, request)
        )
      )
    )
    return HttpServer.formatAddress(server.address).replace(/\/$/, "")
  })

/** How servers are started. */
export const CurrentStart: Context.Reference<Start> = Context.Reference<Start>(
  "@fibra/tour/Server/CurrentStart",
  { defaultValue: () => startReal }
)

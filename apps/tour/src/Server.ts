/** Real HTTP servers for lessons: on 127.0.0.1 and a free port, until the scope closes. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, type Scope } from "effect"
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

/** Starts a server, and gives its address: `http://127.0.0.1:PORT`. */
export const serve = (
  answer: Answer
): Effect.Effect<string, HttpServerError.ServeError, Scope.Scope> =>
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

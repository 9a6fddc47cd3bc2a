import { Effect } from "effect"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"

/** A real HTTP server on a free port of 127.0.0.1, closed with all of its sockets by the scope. */
export const serve = (listener: RequestListener) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: (path: string, host?: string) => URL; close(): void }>(
      (resume) => {
        const server = createServer(listener)
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          resume(
            Effect.succeed({
              url: (path, host = "127.0.0.1") => new URL(path, `http://${host}:${port}`),
              close: () => {
                server.close()
                server.closeAllConnections()
              }
            })
          )
        })
      }
    ),
    (server) => Effect.sync(() => server.close())
  )

import { Effect } from "effect"
import { createServer, request } from "node:http"
import { type AddressInfo, connect } from "node:net"

/** A real HTTP proxy on 127.0.0.1: it forwards and tunnels to one port, whatever the host is called. */
export const startProxy = (port: number, status = 200) =>
  Effect.acquireRelease(
    Effect.callback<{
      readonly url: URL
      /** What it was asked for, with the credentials that came with it. */
      readonly log: ReadonlyArray<string>
      close(): void
    }>((resume) => {
      const log: Array<string> = []
      const server = createServer((incoming, outgoing) => {
        const { "proxy-authorization": credentials, ...headers } = incoming.headers
        log.push(`${incoming.method} ${incoming.url} ${credentials}`)
        if (status !== 200) return void outgoing.writeHead(status).end("no")
        const path = new URL(incoming.url!).pathname
        request({ host: "127.0.0.1", port, path, headers }, (answer) => {
          outgoing.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(outgoing)
        }).end()
      })
      server.on("connect", (incoming, socket) => {
        log.push(`CONNECT ${incoming.url} ${incoming.headers["proxy-authorization"]}`)
        if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
        const upstream = connect(port, "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n")
          upstream.pipe(socket)
          socket.pipe(upstream)
        })
        for (const end of [socket, upstream]) {
          end.on("error", () => {})
          end.on("close", () => [socket, upstream].forEach((other) => other.destroy()))
        }
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const url = new URL(`http://me:s3cret@127.0.0.1:${port}`)
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ url, log, close }))
      })
    }),
    (proxy) => Effect.sync(() => proxy.close())
  )

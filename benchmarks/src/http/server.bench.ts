/**
 * The server of these workloads, in a process of its own: prints its port, and ends with its parent.
 *
 * It answers each request with bytes that are ready, and reads no more of it than where it ends and
 * whether it is for `/gzip`: a real server would need more time than the clients, and hide them.
 */
import { createServer, type AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"
import { page } from "./page.ts"

const response = (body: Uint8Array, encoding: string) =>
  Buffer.concat([
    Buffer.from(
      [
        "HTTP/1.1 200 OK",
        "date: Fri, 06 Nov 2026 08:49:37 GMT",
        "server: bench",
        "content-type: text/html; charset=utf-8",
        'etag: "7"',
        ...(encoding === "" ? [] : [`content-encoding: ${encoding}`]),
        `content-length: ${body.length}`,
        "",
        ""
      ].join("\r\n")
    ),
    body
  ])

const plain = response(page, "")
const gzip = response(gzipSync(page), "gzip")

const server = createServer((socket) => {
  socket.setNoDelay()
  socket.on("error", () => socket.destroy())
  socket.on("data", (request) => {
    const answer = request.includes(" /gzip ") ? gzip : plain
    for (let at = request.indexOf("\r\n\r\n"); at >= 0; at = request.indexOf("\r\n\r\n", at + 4)) {
      socket.write(answer)
    }
  })
})
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port))
process.stdin.resume().on("close", () => process.exit())

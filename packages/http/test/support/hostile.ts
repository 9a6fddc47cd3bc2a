/** A server that keeps to no rule: what it does is named by the path of the request. */
import { Effect } from "effect"
import { createServer, type AddressInfo, type Socket } from "node:net"
import * as zlib from "node:zlib"

type Behaviour = (socket: Socket) => void

const head = (...lines: ReadonlyArray<string>) => ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n")

/** Writes for ever, as fast as the other side reads. */
const flood = (socket: Socket, piece: string | Uint8Array) => {
  const write = () => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on("drain", write)
  write()
}

/** Writes a little, again and again. */
const drip = (socket: Socket, piece: string, everyMillis: number) => {
  const timer = setInterval(() => socket.write(piece), everyMillis)
  socket.on("close", () => clearInterval(timer))
}

const piece = new Uint8Array(64 * 1024).fill(0x78)
const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024))
const bombInBomb = zlib.gzipSync(bomb)

/** What each path does, and what a fetch of it must come to. */
export const behaviours = {
  "/gigabyte-announced": [
    "BodyTooLarge",
    (socket) => {
      socket.write(head("content-length: 1073741824"))
      flood(socket, piece)
    }
  ],
  "/gigabyte-unannounced": [
    "BodyTooLarge",
    (socket) => {
      socket.write(head("connection: close"))
      flood(socket, piece)
    }
  ],
  "/gigabyte-of-one-byte-chunks": [
    "BodyTooLarge",
    (socket) => {
      socket.write(head("transfer-encoding: chunked"))
      flood(socket, "1\r\nx\r\n".repeat(10_000))
    }
  ],
  "/gzip-bomb": [
    "BodyTooLarge",
    (socket) => {
      socket.write(head("content-encoding: gzip", `content-length: ${bomb.length}`))
      socket.end(bomb)
    }
  ],
  "/gzip-bomb-in-bomb": [
    "BodyTooLarge",
    (socket) => {
      socket.write(head("content-encoding: gzip, gzip", `content-length: ${bombInBomb.length}`))
      socket.end(bombInBomb)
    }
  ],
  "/many-encodings": [
    "BodyUndecodable",
    (socket) =>
      void socket.end(
        head(`content-encoding: ${"gzip, ".repeat(1000)}gzip`, "content-length: 1") + "x"
      )
  ],
  "/drip": [
    "FetchTimedOut",
    (socket) => {
      socket.write(head("content-length: 1000000"))
      drip(socket, "x", 20)
    }
  ],
  "/silent": ["FetchTimedOut", () => {}],
  "/stalls": ["FetchTimedOut", (socket) => void socket.write(head("content-length: 10") + "x")],
  "/endless-headers": [
    "TransportFailed",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n")
      flood(socket, `x: ${"y".repeat(1000)}\r\n`)
    }
  ],
  "/endless-header-line": [
    "TransportFailed",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx: ")
      flood(socket, piece)
    }
  ],
  "/dripping-headers": [
    "FetchTimedOut",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\n")
      drip(socket, "x: y\r\n", 20)
    }
  ],
  "/endless-interim": [
    "FetchTimedOut",
    (socket) => drip(socket, "HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n".repeat(100), 20)
  ],
  "/10k-cookies": [
    "TransportFailed",
    (socket) => {
      const cookies = Array.from({ length: 10_000 }, (_, i) => `set-cookie: c${i}=${i}`)
      socket.end(head(...cookies, "content-length: 0"))
    }
  ],
  "/reset": [
    "TransportFailed",
    (socket) =>
      socket.write(head("content-length: 100") + "x", () =>
        setImmediate(() => socket.resetAndDestroy())
      )
  ],
  "/length-too-large": [
    "TransportFailed",
    (socket) => void socket.end(head("content-length: 100") + "short")
  ],
  "/length-too-small": [
    undefined,
    (socket) => void socket.end(head("content-length: 5") + "helloHTTP/1.1 200 OK\r\n\r\nmore")
  ],
  "/length-negative": [
    "TransportFailed",
    (socket) => void socket.end(head("content-length: -1") + "x")
  ],
  "/length-twice": [
    "TransportFailed",
    (socket) => void socket.end(head("content-length: 1", "content-length: 2") + "xx")
  ],
  "/length-beyond-numbers": [
    "TransportFailed",
    (socket) => void socket.end(head(`content-length: ${"9".repeat(30)}`) + "x")
  ],
  "/bad-chunk": [
    "TransportFailed",
    (socket) => void socket.end(head("transfer-encoding: chunked") + "zz\r\nhello\r\n0\r\n\r\n")
  ],
  "/chunk-cut": [
    "TransportFailed",
    (socket) => void socket.end(head("transfer-encoding: chunked") + "ffff\r\nhello")
  ],
  "/not-http": ["TransportFailed", (socket) => void socket.end("220 ready for mail\r\n")],
  "/closes": ["TransportFailed", (socket) => void socket.end()],
  "/upgrades": [
    "TransportFailed",
    (socket) =>
      void socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"
      )
  ],
  "/proto-header": [
    undefined,
    (socket) =>
      void socket.end(
        head("__proto__: x", "constructor: y", "tostring: z", "content-length: 5") + "hello"
      )
  ],
  "/1m-attributes": [
    undefined,
    (socket) => {
      const tag = `<a${" b=1".repeat(1_000_000)}>`
      socket.end(head(`content-length: ${tag.length}`) + tag)
    }
  ],
  "/good": [undefined, (socket) => void socket.end(head("content-length: 5") + "hello")]
} as const satisfies Record<string, readonly [tag: string | undefined, behave: Behaviour]>

const nothingHere: readonly [undefined, Behaviour] = [
  undefined,
  (socket) => void socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
]

/**
 * Serves them on a free port of 127.0.0.1, closed with all of its sockets by the scope. There is no
 * robots.txt, or one that behaves as the path says.
 */
export const serveHostileWith = (robots?: keyof typeof behaviours) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: (path: string) => URL; close(): void }>((resume) => {
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
        socket.on("error", () => {})
        socket.once("data", (request) => {
          const [, path] = /^\w+ (\S+)/.exec(request.toString("latin1"))!
          const place = path === "/robots.txt" ? robots : (path as keyof typeof behaviours)
          const [, behave] = place === undefined ? nothingHere : behaviours[place]
          behave(socket)
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(
          Effect.succeed({
            url: (path) => new URL(path, `http://127.0.0.1:${port}`),
            close: () => {
              server.close()
              for (const socket of sockets) socket.destroy()
            }
          })
        )
      })
    }),
    (server) => Effect.sync(() => server.close())
  )

export const serveHostile = serveHostileWith()

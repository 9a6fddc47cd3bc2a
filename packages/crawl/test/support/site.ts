import { Effect } from "effect"
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface Site {
  readonly origin: string
  /** Paths in the order of their requests. */
  readonly log: ReadonlyArray<string>
  /** The most requests that were open at the same time. */
  readonly activeMax: () => number
}

export type Pages = Record<string, string | ((response: ServerResponse, origin: string) => void)>

/** A real HTTP server; a string is an HTML page, and what is not listed is a 404. */
export const serve = (pages: Pages): Effect.Effect<Site, never, import("effect").Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Site & { close(): void }>((resume) => {
      const log: Array<string> = []
      let active = 0
      let activeMax = 0
      let origin = ""
      const server = createServer((request, response) => {
        log.push(request.url!)
        activeMax = Math.max(activeMax, ++active)
        response.on("close", () => (active -= 1))
        const page = pages[request.url!]
        if (page === undefined) response.writeHead(404).end("nothing here")
        else if (typeof page === "function") page(response, origin)
        else response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page)
      })
      server.listen(0, "127.0.0.1", () => {
        origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ origin, log, activeMax: () => activeMax, close }))
      })
    }),
    (site) => Effect.sync(() => site.close())
  )

export const links = (...targets: ReadonlyArray<string>): string =>
  targets.map((target) => `<a href="${target}">x</a>`).join("\n")

export const redirect =
  (location: string, status = 302) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { location }).end()

export const status =
  (code: number, body = "", headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end(body)

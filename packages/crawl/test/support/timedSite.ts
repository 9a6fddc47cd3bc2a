import { Effect } from "effect"
import type { ServerResponse } from "node:http"
import { type Pages, serve } from "./site.ts"

/** A site that notes when each of its requests came. */
export const serveTimed = Effect.fnUntraced(function* (pages: Pages) {
  const starts: Array<{ readonly path: string; readonly at: number }> = []
  const noting = Object.fromEntries(
    Object.entries(pages).map(([path, page]) => [
      path,
      (response: ServerResponse, origin: string) => {
        starts.push({ path, at: performance.now() })
        if (typeof page === "function") page(response, origin)
        else response.writeHead(200, { "content-type": "text/html" }).end(page)
      }
    ])
  )
  const site = yield* serve(noting)
  const gaps = () => starts.slice(1).map(({ at }, index) => at - starts[index]!.at)
  return { ...site, starts, gaps }
})

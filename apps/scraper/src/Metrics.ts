/** Serves what a crawl counts, in the text format of Prometheus (version 0.0.4). */
import * as Program from "@fibra/cli/Program"
import type { Crawl, Latencies } from "@fibra/crawl"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type * as NetFlags from "./NetFlags.ts"

export interface Counted {
  readonly snapshot: Crawl.Snapshot
  readonly latencies: Latencies.Latencies
}

interface Server {
  readonly url: string
  /** What is told from now on. */
  readonly tell: (counted: Effect.Effect<Counted>) => void
}

/** Listens until the scope closes; fails with exit code 3 when the address is taken. */
export const serve = ({
  host,
  port
}: NetFlags.Address): Effect.Effect<Server, Program.Stopped, Scope.Scope> =>
  Effect.gen(function* () {
    let counted: Effect.Effect<Counted> | undefined
    const server = createServer((request, response) => {
      if (request.url?.split("?")[0] !== "/metrics") return response.writeHead(404).end()
      if (counted === undefined) return response.writeHead(503).end()
      response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
      return response.end(textOf(Effect.runSync(counted)))
    })
    yield* Effect.acquireRelease(
      Effect.callback<void, Program.Stopped>((resume) => {
        server.once("error", ({ message }) => {
          const reason = `cannot serve metrics at ${host}:${port}: ${message}`
          resume(Effect.fail(new Program.Stopped({ exitCode: 3, reason })))
        })
        server.listen(port, host, () => resume(Effect.void))
      }),
      () =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    )
    const { address, family, port: bound } = server.address() as AddressInfo
    const name = family === "IPv6" ? `[${address}]` : address
    return {
      url: `http://${name}:${bound}/metrics`,
      tell: (next) => {
        counted = next
      }
    }
  })

type Labels = Readonly<Record<string, string>>

/** All metrics of one instant; those of pages are over all lives of the job. */
export const textOf = ({ latencies, snapshot }: Counted): string => {
  const { active, bytesReceived, done, failed, failedBy, left, responses } = snapshot
  const { rejected, retries, rows, skipped, skippedBy } = snapshot
  const { system, user } = process.cpuUsage()
  return [
    family("pages_total", "counter", "Pages by what has become of them", [
      [{ state: "done" }, done],
      [{ state: "failed" }, failed],
      [{ state: "skipped" }, skipped]
    ]),
    family("pages_failed_total", "counter", "Pages that failed, by cause", by("cause", failedBy)),
    family("pages_skipped_total", "counter", "Pages that a rule skipped", by("reason", skippedBy)),
    family("pages_left", "gauge", "Pages that are not ended", [[{}, left]]),
    family("rows_total", "counter", "Rows that are committed", [[{}, rows]]),
    family("rejected_total", "counter", "Pages that the schema rejected", [[{}, rejected]]),
    family("retries_total", "counter", "Attempts after the first", [[{}, retries]]),
    family("requests_active", "gauge", "Requests that are being answered", [[{}, active]]),
    family("responses_total", "counter", "Responses in this process", [[{}, responses]]),
    family("received_bytes_total", "counter", "Bytes of bodies as sent", [[{}, bytesReceived]]),
    histogram(latencies),
    "# TYPE process_cpu_seconds_total counter",
    `process_cpu_seconds_total ${(system + user) / 1e6}`,
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    ""
  ].join("\n")
}

const family = (
  name: string,
  type: "counter" | "gauge",
  help: string,
  samples: ReadonlyArray<readonly [Labels, number]>
): string =>
  [
    `# HELP scraper_${name} ${help}`,
    `# TYPE scraper_${name} ${type}`,
    ...samples.map(([labels, value]) => `scraper_${name}${written(labels)} ${value}`)
  ].join("\n")

const by = (label: string, counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).map(([name, count]) => [{ [label]: name }, count] as const)

const written = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

const escaped = (value: string) =>
  value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")

const histogram = ({ count, doublings, sumMillis }: Latencies.Latencies): string => {
  const name = "scraper_request_duration_seconds"
  return [
    `# HELP ${name} From a request to the last byte of its answer`,
    `# TYPE ${name} histogram`,
    ...doublings.map(
      ({ count, upToMillis }) => `${name}_bucket{le="${upToMillis / 1000}"} ${count}`
    ),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sumMillis / 1000}`,
    `${name}_count ${count}`
  ].join("\n")
}

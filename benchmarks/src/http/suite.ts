/** `@fibra/http` beside raw Effect, undici, the fetch of Node, and aiohttp. */
import type { Goal, Suite } from "../workload.ts"
import { workloads } from "./get.ts"

const size = 20_000

const faster = (workload: string, peer: string, atLeast: number): Goal => ({
  value: { workload, contender: peer, size },
  over: { workload, contender: "Fetcher", size },
  limit: { atLeast }
})

/** The budgets of the architecture that are about this package. */
export const http: Suite = {
  workloads,
  goals: [
    faster("GET, 64 connections", "aiohttp", 3),
    faster("GET, 64 connections", "undici request", 0.6),
    faster("GET, 64 connections, gzip", "aiohttp", 3)
  ]
}

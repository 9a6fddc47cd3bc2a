/** `@fibra/compute`: what a second call at the same time costs, and the event loop meanwhile. */
import type { Suite } from "../workload.ts"
import { workloads } from "./calls.ts"

const [one, two] = ["Cpu.pool, one call", "Cpu.pool, two calls at once"] as const

export const compute: Suite = {
  workloads,
  goals: [
    {
      value: { workload: "calls", contender: two, size: 5 },
      over: { workload: "calls", contender: one, size: 5 },
      limit: { atMost: 1.3 }
    },
    {
      value: { workload: "lag", contender: two, size: 5 },
      limit: { atMost: 0.02 }
    }
  ]
}

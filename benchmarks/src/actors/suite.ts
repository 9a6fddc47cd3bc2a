/** `@fibra/actors` beside raw Effect, its cluster, other actor libraries, and Erlang. */
import type { Goal, Suite } from "../workload.ts"
import { workloads as ask } from "./ask.ts"
import { workloads as memory } from "./memory.ts"
import { workloads as pingPong } from "./pingPong.ts"
import { workloads as spawn } from "./spawn.ts"
import { workloads as tell } from "./tell.ts"

const [few, many] = [1_000, 100_000] as const

/** The budgets of the architecture that are about this package. */
const goals: ReadonlyArray<Goal> = [
  // 2 million messages a second.
  {
    value: { workload: "tell", contender: "ActorRef.tell", size: many },
    limit: { atMost: 0.5e-6 }
  },
  {
    value: { workload: "tell", contender: "nact", size: many },
    over: { workload: "tell", contender: "ActorRef.tell", size: many },
    limit: { atLeast: 2 }
  },
  {
    value: { workload: "ask", contender: "ActorRef.ask", size: many },
    over: { workload: "ask", contender: "Erlang process", size: many },
    limit: { atMost: 2 }
  },
  {
    value: { workload: "ask", contender: "cluster Entity", size: few },
    over: { workload: "ask", contender: "ActorRef.ask", size: few },
    limit: { atLeast: 20 }
  },
  // Half a million answers a second.
  {
    value: { workload: "ask", contender: "ActorRef.ask", size: many },
    limit: { atMost: 2e-6 }
  }
]

export const actors: Suite = { workloads: [tell, ask, pingPong, spawn, memory].flat(), goals }

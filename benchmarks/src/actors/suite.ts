/** `@fibra/actors` beside raw Effect, its cluster, other actor libraries, and Erlang. */
import type { Goal, Suite } from "../workload.ts"
import { workloads as tell } from "./tell.ts"

const many = 100_000

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
  }
]

export const actors: Suite = { workloads: [tell].flat(), goals }

/** `@fibra/actors` beside raw Effect, its cluster, other actor libraries, and Erlang. */
import type { Goal, Suite } from "../workload.ts"
import { running as runningAsk, workloads as ask } from "./ask.ts"
import { workloads as lag } from "./lag.ts"
import { workloads as memory } from "./memory.ts"
import { workloads as pingPong } from "./pingPong.ts"
import { workloads as spawn } from "./spawn.ts"
import { workloads as tell } from "./tell.ts"

const [few, many, million] = [1_000, 100_000, 1_000_000] as const

/** What ours needs for one, in the unit of the workload. */
const atMost = (workload: string, contender: string, size: number, limit: number): Goal => ({
  value: { workload, contender, size },
  limit: { atMost: limit }
})

/** What a peer needs, by what ours needs. */
const faster = (
  workload: string,
  ours: string,
  peer: string,
  size: number,
  atLeast: number
): Goal => ({
  value: { workload, contender: peer, size },
  over: { workload, contender: ours, size },
  limit: { atLeast }
})

/** What ours needs, by what a peer needs. */
const near = (workload: string, ours: string, peer: string, atMost: number): Goal => ({
  value: { workload, contender: ours, size: many },
  over: { workload, contender: peer, size: many },
  limit: { atMost }
})

/** Seconds for one, at so many a second. */
const perSecond = (count: number) => 1 / count

/** The budgets of the architecture that are about this package; that of asks, with a handler in a fiber. */
const goals: ReadonlyArray<Goal> = [
  atMost("tell", "ActorRef.tell", many, perSecond(2_000_000)),
  faster("tell", "ActorRef.tell", "nact", many, 2),
  atMost("ask", runningAsk, many, perSecond(500_000)),
  near("ask", "ActorRef.ask", "Erlang process", 2),
  faster("ask", "ActorRef.ask", "cluster Entity", few, 20),
  atMost("spawn", "Actor.spawn", many, perSecond(200_000)),
  atMost("memory of a million", "Actor.spawn", million, 700),
  // A timer of 10 ms that fires within 25 ms.
  atMost("timer beside a hot actor", "ActorContext.timer", 2_000_000, 0.015)
]

export const actors: Suite = {
  workloads: [tell, ask, pingPong, spawn, memory, lag].flat(),
  goals
}

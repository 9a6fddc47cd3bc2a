/** `@fibra/tasks` beside raw Effect, asyncio, and the libraries people use for the same purpose. */
import type { Goal, Suite } from "../workload.ts"
import { growthLimit } from "../workload.ts"
import { workloads as interrupt } from "./interrupt.ts"
import { workloads as memory } from "./memory.ts"
import { workloads as queue } from "./queue.ts"
import { workloads as semaphore } from "./semaphore.ts"
import { workloads as spawn } from "./spawn.ts"
import { workloads as timers } from "./timers.ts"

const many = 100_000

/** What a peer needs, by what ours needs, at the same size. */
const faster = (
  workload: string,
  ours: string,
  peer: string,
  atLeast: number,
  size: number = many
): Goal => ({
  value: { workload, contender: peer, size },
  over: { workload, contender: ours, size },
  limit: { atLeast }
})

const near = (workload: string, ours: string, peer: string, atMost: number): Goal => ({
  value: { workload, contender: ours, size: many },
  over: { workload, contender: peer, size: many },
  limit: { atMost }
})

/** The cost of one operation at 100,000, by that at 1,000. */
const flat = (workload: string, contender: string): Goal => ({
  value: { workload, contender, size: many },
  over: { workload, contender, size: 1_000 },
  limit: { atMost: growthLimit }
})

/** The budgets of the architecture that are about this package. */
const goals: ReadonlyArray<Goal> = [
  faster("spawn + join", "Task.gather", "asyncio.gather", 3),
  faster("spawn + join", "TaskGroup.spawn", "asyncio.gather", 3),
  near("spawn + join", "Task.gather", "Effect.forEach", 1.15),
  near("spawn + join", "TaskGroup.spawn", "Effect.forEach", 1.15),
  faster("semaphore(10)", "Semaphore", "asyncio.Semaphore", 4),
  faster("semaphore(10)", "Semaphore", "Effect Semaphore", 100, 20_000),
  flat("semaphore(10)", "Semaphore"),
  faster("queue(16), 1 to 1", "WorkQueue", "asyncio.Queue", 1.2),
  near("queue(16), 1 to 1", "WorkQueue", "Effect Queue", 1.2),
  faster("interrupt", "TaskGroup.cancel", "asyncio cancel", 5)
]

export const tasks: Suite = {
  workloads: [spawn, semaphore, queue, interrupt, timers, memory].flat(),
  goals
}

/** `@fibra/files` beside the streams of Node, sonic-boom, Effect's own sink, and aiofiles. */
import type { Goal, Suite } from "../workload.ts"
import { workloads as acknowledged } from "./acknowledged.ts"
import { workloads as lines } from "./lines.ts"
import { workloads as smallFiles } from "./smallFiles.ts"

/** What a peer needs, by what ours needs, at the same size. */
const faster = (
  workload: string,
  ours: string,
  peer: string,
  atLeast: number,
  size: number
): Goal => ({
  value: { workload, contender: peer, size },
  over: { workload, contender: ours, size },
  limit: { atLeast }
})

/** The budgets of the architecture that are about this package. */
const goals: ReadonlyArray<Goal> = [
  faster("lines, volatile", "FileSink, fsync none", "aiofiles", 50, 100_000),
  faster("lines, volatile", "FileSink, fsync none", "createWriteStream", 0.8, 100_000),
  faster("lines, durable", "FileSink, fsync batch", "createWriteStream, flush", 0.8, 100_000)
]

export const files: Suite = {
  workloads: [lines, acknowledged, smallFiles].flat(),
  goals
}

/**
 * The process of one contender: warms up, runs the measured rounds, prints one line of JSON.
 *
 * It is started anew for each sample: no contender profits or suffers from code that the compiler
 * has made for another one, or from a heap that another one has left.
 */
import { makeMeter, noMeter, peakBytes, type Sample } from "./meter.ts"
import type { Order } from "./process.ts"
import type { Workload } from "./workload.ts"

const order = JSON.parse(process.argv[2]!) as Order
const { workloads } = (await import(order.module)) as {
  readonly workloads: ReadonlyArray<Workload>
}
const workload = workloads.find(({ name }) => name === order.workload)
const run = workload?.contenders[order.contender]?.run
if (typeof run !== "function") throw new TypeError(`${order.contender} does not run on Node`)

const startBytes = process.memoryUsage().rss
for (let round = 0; round < order.warmUp.rounds; round++) await run(order.warmUp.size, noMeter)
gc!()
const meter = makeMeter(order.measure)
let done = 0
for (let round = 0; round < order.rounds; round++) done += await run(order.size, meter)
const sample: Sample = { done, ...meter.seen(), startBytes, peakBytes: peakBytes() }
console.log(JSON.stringify(sample))

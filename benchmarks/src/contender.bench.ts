/**
 * The process of one contender: warms up, runs the measured rounds, prints one line of JSON.
 *
 * It is started anew for each run: no contender profits or suffers from code that the compiler has
 * made for another one, or from a heap that another one has left.
 */
import { cpuNow, makeMeter, noMeter, type Sample } from "./meter.ts"
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
const warm = cpuNow() + order.warmUp.seconds
// A race may wait for minutes, and is decided by what was counted.
if (order.measure !== "race") {
  do await run(order.warmUp.size, noMeter)
  while (cpuNow() < warm)
}

// Hazard: a forced collection here would drop the optimized code along with the last objects of the
// shapes that it was made for, and what follows would be measured cold: several times slower.
const samples: Array<Sample> = []
for (const { rounds, size } of order.sizes) {
  const meter = makeMeter(order.measure, startBytes)
  let done = 0
  for (let round = 0; round < rounds; round++) done += await run(size, meter)
  samples.push({ done, ...meter.seen() })
}
console.log(JSON.stringify(samples))

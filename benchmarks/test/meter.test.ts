import { assert, describe, it } from "@effect/vitest"
import { makeMeter } from "../src/meter.ts"

describe("meter", () => {
  it("a timer that the work gives no chance to fire is late until the work is over", () => {
    const meter = makeMeter("lag")
    meter.begin()
    const end = performance.now() + 20
    while (performance.now() < end) {
      // Busy, so that no timer fires.
    }
    meter.end()
    assert.isAbove(meter.seen().lagSeconds ?? 0, 0.01)
  })
  it("a contender that says how late its own timers were is compared by these", () => {
    const meter = makeMeter("lag")
    meter.begin()
    for (const seconds of [1, 3, 2]) meter.late(seconds)
    meter.end()
    assert.strictEqual(meter.seen().lagSeconds, 3)
  })
  it("a contender that starts programs is measured by what they have used", () => {
    const meter = makeMeter("program")
    meter.used({ cpuSeconds: 1, peakBytes: 20 })
    meter.used({ cpuSeconds: 2, peakBytes: 10 })
    const { cpuSeconds, peakBytes, startBytes } = meter.seen()
    assert.deepStrictEqual([cpuSeconds, peakBytes, startBytes], [3, 20, 0])
  })
})

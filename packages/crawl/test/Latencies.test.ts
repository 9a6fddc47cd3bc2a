import { assert, describe, it } from "@effect/vitest"
import * as Latencies from "../src/Latencies.ts"

describe("Latencies", () => {
  it("LAT1: a percentile is that of the requests, and at most nine percent too long", () => {
    const histogram = Latencies.make()
    assert.isUndefined(histogram.read().percentile(0.95))
    for (let millis = 1; millis <= 1000; millis++) histogram.add(millis)
    const { count, percentile, sumMillis } = histogram.read()
    assert.deepStrictEqual([count, sumMillis], [1000, 500_500])
    for (const share of [0.001, 0.5, 0.95, 0.99, 1]) {
      const found = percentile(share)!
      assert.isAtLeast(found, 1000 * share)
      assert.isAtMost(found, 1000 * share * 1.0906)
    }
  })

  it("LAT2: each doubling counts what took no longer, and what never ends is in the count only", () => {
    const histogram = Latencies.make()
    for (const millis of [0, 0.4, 1, 1.001, 2, 2.1, 65_536, 65_537, 1e9]) histogram.add(millis)
    const { count, doublings, percentile } = histogram.read()
    assert.strictEqual(count, 9)
    assert.deepStrictEqual(doublings.slice(0, 3), [
      { upToMillis: 1, count: 3 },
      { upToMillis: 2, count: 5 },
      { upToMillis: 4, count: 6 }
    ])
    assert.deepStrictEqual(doublings.at(-1), { upToMillis: 65_536, count: 7 })
    assert.strictEqual(percentile(1), Infinity)
  })
})

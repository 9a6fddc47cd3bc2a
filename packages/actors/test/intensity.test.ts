import { assert, describe, it } from "@effect/vitest"
import * as Intensity from "../src/internal/intensity.ts"

const allowed = (count: number, times: ReadonlyArray<number>) => {
  const intensity = Intensity.make(count, 5000)
  return times.map((time) => intensity.add(time))
}

describe("intensity", () => {
  it("SUP3: one restart more than allowed within the period is too many", () => {
    assert.deepStrictEqual(allowed(3, [0, 2000, 4999, 4999]), [true, true, true, false])
    assert.deepStrictEqual(allowed(0, [0]), [false])
    assert.deepStrictEqual(allowed(1, [0, 0]), [true, false])
  })

  it("SUP3: a restart that is exactly a period old counts, and one that is older does not", () => {
    assert.deepStrictEqual(allowed(3, [0, 1, 2, 5000]), [true, true, true, false])
    assert.deepStrictEqual(allowed(3, [0, 1, 2, 5001]), [true, true, true, true])
  })

  it("SUP3: the window slides: each restart is forgotten by itself", () => {
    const times = [0, 1000, 2000, 5001, 6001, 7001, 7001]
    assert.deepStrictEqual(allowed(3, times), [true, true, true, true, true, true, false])
  })

  it("SUP3: numbers that make no sense are refused", () => {
    assert.isTrue(Intensity.isValid(0, 1))
    for (const [count, period] of [
      [-1, 1],
      [1.5, 1],
      [Number.NaN, 1],
      [1, 0],
      [1, Infinity]
    ] as const) {
      assert.isFalse(Intensity.isValid(count, period))
    }
  })
})

import { assert, describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { Effect } from "effect"
import { play } from "./otp/play.ts"
import { recording } from "./otp/recording.ts"
import * as Scenarios from "./otp/scenarios.ts"
import { quiet } from "./support/system.ts"

const likeOtp = (scenarios: ReadonlyArray<Scenarios.Scenario>) => () =>
  Effect.gen(function* () {
    for (const scenario of scenarios) {
      const told = yield* play(scenario)
      // The start of an inner supervisor itself is seen by nobody here.
      const expected = recording.scenarios[scenario.name]!.replaceAll("start inner, ", "")
      assert.strictEqual(told, expected, scenario.name)
    }
  }).pipe(Effect.provide(quiet))

const { differences, dynamic, failingInits, intensity, matrix, nested, stops } = Scenarios

describe("Supervisor like OTP", () => {
  it("SUP1: nothing that was recorded is left out, but for what differs on purpose", () => {
    const compared = [matrix, intensity, failingInits, stops, nested, dynamic].flat()
    const names = [...compared.map(({ name }) => name), ...differences]
    assert.sameMembers(names, Object.keys(recording.scenarios))
  })

  it.sim("SUP1: strategies and child types", likeOtp(matrix), { seeds: 10 })
  it.sim("SUP1: restart intensity", likeOtp(intensity), { seeds: 50 })
  it.sim("SUP1: inits that fail", likeOtp(failingInits), { seeds: 50 })
  it.sim("SUP1: stops, polite and not", likeOtp(stops), { seeds: 50 })
  it.sim("SUP1: supervisors below supervisors", likeOtp(nested), { seeds: 50 })
  it.sim("SUP1: children that come and go", likeOtp(dynamic), { seeds: 50 })
})

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Stepwise } from "@fibra/tasks"

describe("Stepwise", () => {
  it.effect("STW1: nobody asks for single steps by default", () =>
    Effect.gen(function* () {
      assert.isFalse(yield* Stepwise.Stepwise)
    })
  )
})

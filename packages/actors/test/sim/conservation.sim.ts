import { describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { conservation } from "../support/load.ts"

describe("conservation", () => {
  // `Load.soak.ts` runs ten times as many.
  it.sim(
    "MBX1: every offered message is handled once, or refused, or a dead letter, whatever happens",
    conservation,
    { seeds: 1000 }
  )
})

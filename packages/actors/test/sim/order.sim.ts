import { describe } from "@effect/vitest"
import { it } from "@fibra/testing/Vitest"
import { ordered, orderedAcrossCrashes } from "../support/ordered.ts"

// `Load.soak.ts` has a hundred senders, and `Actor.test.ts` has them without the simulator.
const load = { senders: 5, messages: 8 }

describe("order", () => {
  it.sim(
    "ACT2: the handlers of one actor never overlap, and messages of one sender keep their order",
    () => ordered(load),
    { seeds: 1000 }
  )

  it.sim(
    "ACT2: the same holds across crashes and new starts, those of a neighbour included",
    () => orderedAcrossCrashes(load),
    { seeds: 1000 }
  )
})

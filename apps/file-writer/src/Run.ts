/** The state of one run, shared by the part that copies rows and the part that tells of it. */
import { Effect } from "effect"
import * as Account from "./Account.ts"
import type { Output } from "./Output.ts"
import type { Plan } from "./Plan.ts"
import type { Rejects } from "./Rejects.ts"
import * as Screen from "./Screen.ts"

export interface Run {
  readonly options: Plan
  readonly counts: Account.Counts
  readonly screen: Screen.Screen
  /** Set once it is open. */
  output: Output | undefined
  /** Set once it is open. */
  rejects: Rejects | undefined
}

export const make = (options: Plan): Effect.Effect<Run> =>
  Effect.map(Account.makeCounts, (counts) => ({
    options,
    counts,
    screen: Screen.make(),
    output: undefined,
    rejects: undefined
  }))

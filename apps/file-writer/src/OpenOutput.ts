/** The output that a plan asks for. */
import { Effect } from "effect"
import * as FileOutput from "./FileOutput.ts"
import type { Refuse } from "./Output.ts"
import * as ParquetOutput from "./ParquetOutput.ts"
import { formatOf, isStdout, type Plan } from "./Plan.ts"
import * as StdoutOutput from "./StdoutOutput.ts"

export const open = Effect.fnUntraced(function* (plan: Plan, refuse: Refuse) {
  if (isStdout(plan.output)) return StdoutOutput.make(formatOf(plan), refuse)
  return yield* plan.format === "parquet"
    ? ParquetOutput.open(plan, refuse)
    : FileOutput.open(plan, refuse)
})

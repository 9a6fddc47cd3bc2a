/** The end of main interrupts what still runs, waits for it, and reports its errors. */
import { Console, Effect } from "effect"
import * as Program from "../program.ts"

export const main = Effect.gen(function* () {
  const { errors, lines } = yield* Program.run("35-run-leftovers")
  yield* Effect.forEach(lines, (line) => Console.log(line))
  yield* Console.log("reported:", errors.includes("cleanup") ? "cleanup" : "nothing")
  yield* Console.log("run: ended")
})

/** gather keeps the order of its arguments, with settled errors and interrupts in their places. */
import { Task } from "@fibra/tasks"
import { Console, Effect, Exit } from "effect"
import { describeExit } from "../outcome.ts"

const after = (millis: number, value: string) => Effect.as(Effect.sleep(millis), value)

export const main = Effect.gen(function* () {
  yield* Console.log(...(yield* Task.gather([after(30, "a"), after(0, "b"), after(10, "c")])))
  const settled: ReadonlyArray<Exit.Exit<string, string>> = yield* Task.gather(
    [after(10, "a"), Effect.fail("error"), Effect.interrupt, after(0, "d")],
    { mode: "settle" }
  )
  yield* Console.log(...settled.map(describeExit))
})

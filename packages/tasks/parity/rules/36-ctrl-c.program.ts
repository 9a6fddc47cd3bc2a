/** Waits for Ctrl-C, then cleans up for as many seconds as its argument says. */
import { Main } from "@fibra/tasks"
import { Console, Effect } from "effect"

const cleanup = Effect.gen(function* () {
  yield* Console.log("cleanup: starts")
  yield* Effect.sleep(`${Number(process.argv[2])} seconds`)
  yield* Console.log("cleanup: finished")
})

Main.run(
  Console.log("main: waits").pipe(
    Effect.andThen(Effect.never),
    Effect.onInterrupt(() => cleanup)
  ),
  { grace: "1 minute" }
)

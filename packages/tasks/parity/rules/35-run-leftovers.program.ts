/** Ends while a task of its own still runs. */
import { Main } from "@fibra/tasks"
import { Console, Effect } from "effect"

const leftover = Effect.onInterrupt(Effect.never, () =>
  Effect.gen(function* () {
    yield* Effect.sleep("10 millis")
    yield* Console.log("leftover: cleaned up")
    return yield* Effect.die("cleanup")
  })
)

Main.run(
  Effect.gen(function* () {
    yield* Effect.forkDetach(leftover, { startImmediately: true })
    yield* Console.log("main: finished")
  })
)

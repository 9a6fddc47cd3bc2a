/** The first Ctrl-C interrupts main and waits for its cleanup, a second one stops at once. */
import { Console, Effect, Layer, ManagedRuntime } from "effect"
import * as Program from "../program.ts"

const press = (times: number, { cleanup }: { readonly cleanup: string }) =>
  Effect.gen(function* () {
    let left = times
    const { exitCode, lines } = yield* Program.run("36-ctrl-c", [cleanup], (child) => {
      if (left-- > 0) child.kill("SIGINT")
    })
    yield* Effect.forEach(lines, (line) => Console.log(line))
    yield* Console.log("exit code:", exitCode)
  })

const nested = Effect.gen(function* () {
  const work = Effect.as(Effect.yieldNow, "value")
  const runtime = ManagedRuntime.make(Layer.empty)
  const value = yield* Effect.promise(() => runtime.runPromise(work))
  yield* Console.log("run inside a running program:", value)
})

export const main = Effect.gen(function* () {
  yield* press(1, { cleanup: "0.01" })
  yield* press(2, { cleanup: "60" })
  yield* nested
})

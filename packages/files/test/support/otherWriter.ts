/** Another process that holds the lock of a target. */
import { Effect } from "effect"
import { spawn } from "node:child_process"

const program = (path: string) => `
  import * as NodeServices from "@effect/platform-node/NodeServices"
  import { Effect } from "effect"
  import { TargetLock } from "@fibra/files"
  const hold = Effect.andThen(TargetLock.acquire(${JSON.stringify(path)}), Effect.sync(() => console.log("held")))
  setInterval(() => {}, 60_000)
  await Effect.runPromise(Effect.scoped(Effect.andThen(hold, Effect.never)).pipe(Effect.provide(NodeServices.layer)))
`

/** Returns once it holds the lock; it is gone when the scope closes. */
export const otherWriter = Effect.fnUntraced(function* (path: string) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(
        process.execPath,
        ["--conditions=@fibra/source", "--input-type=module", "--eval", program(path)],
        { cwd: new URL("../..", import.meta.url), stdio: ["ignore", "pipe", "inherit"] }
      )
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  yield* Effect.promise(() => new Promise((resolve) => child.stdout.once("data", resolve)))
  const kill = Effect.promise(() => {
    child.kill("SIGKILL")
    return ended
  })
  return { pid: child.pid!, kill }
})

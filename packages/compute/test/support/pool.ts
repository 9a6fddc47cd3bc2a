/** What the tests of pools arrange and observe with. */
import { Cause, Effect } from "effect"
import { Cpu } from "@fibra/compute"
import type { Worker } from "node:worker_threads"

export type Work = typeof import("./work.ts")

export const module = new URL("./work.ts", import.meta.url)

/** A pool of the functions in work.ts. */
export const workPool = (options?: Omit<Cpu.Options, "module">) =>
  Cpu.pool<Work>({ module, ...options })

/** A module with this source. */
export const moduleOf = (source: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(source)}`)

/** Memory that is shared with workers, for `spin` and `park`. */
export const sharedCells = (count: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(4 * count))

/** Waits until the function with this cell has begun. */
export const begun = (cells: Int32Array, index = 0) =>
  Effect.promise(async () => Atomics.waitAsync(cells, index, 0).value)

/** Ends the `spin` with this cell. */
export const release = (cells: Int32Array, index = 0) =>
  Effect.sync(() => Atomics.store(cells, index, 0))

/** Starts an effect that runs until it first suspends. */
export const started = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** The workers that are started while the test runs; those that have ended have the id -1. */
export const watchWorkers = Effect.gen(function* () {
  const workers: Array<Worker> = []
  const onWorker = (worker: Worker) => void workers.push(worker)
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("worker", onWorker)),
    () => Effect.sync(() => process.off("worker", onWorker))
  )
  return {
    last: () => workers.at(-1)!,
    started: () => workers.length,
    alive: () => workers.filter(({ threadId }) => threadId !== -1).length
  }
})

/** The only failure or defect that an effect ends with. */
export const problemOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(Effect.sandbox(effect)), (cause) => {
    const [reason, ...others] = cause.reasons
    if (reason === undefined || others.length > 0) throw new Error(Cause.pretty(cause))
    switch (reason._tag) {
      case "Fail":
        return { kind: "failure", error: reason.error as unknown } as const
      case "Die":
        return { kind: "defect", error: reason.defect } as const
      case "Interrupt":
        return { kind: "interrupt", error: undefined } as const
    }
  })

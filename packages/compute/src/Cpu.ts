/**
 * CPU-bound work on worker threads: the functions of a module, called from an effect.
 *
 * The event loop stays free meanwhile, several calls run at once, and interrupting one stops it in
 * milliseconds, also in the middle of a loop that never yields.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "@fibra/tasks/Semaphore"
import { availableParallelism } from "node:os"
import { type CpuError, CpuQueueFull } from "./CpuError.ts"
import type { Signature } from "./internal/cloneable.ts"
import * as Thread from "./internal/thread.ts"

/**
 * Defect raised when an option of a pool is out of its range.
 *
 * @since 0.1.0
 */
export class OptionOutOfRange extends Data.TaggedError("OptionOutOfRange")<{
  readonly option: "size" | "queueMax" | "heapBytesMax"
  readonly value: number
  readonly range: string
}> {
  override get message(): string {
    return `${this.option} is ${this.value}: give ${this.range}`
  }
}

/**
 * What a pool runs, and its limits.
 *
 * @since 0.1.0
 */
export interface Options {
  /**
   * The module that exports the functions, usually `new URL("./work.ts", import.meta.url)`. It is
   * loaded once on each worker, with the flags of this process, and shares no memory with it.
   */
  readonly module: URL
  /**
   * How many functions run at once, each on a worker of its own. Workers are started when they are
   * first needed, and kept. From 1; default: as many as the processor runs at once.
   */
  readonly size?: number
  /** How many calls may wait for a worker. From 0, `Infinity` for no bound; default 1024. */
  readonly queueMax?: number
  /**
   * Bound on the heap of each worker; one that needs more dies. Typed arrays and other buffers are
   * not counted. From 16 MiB; default: that of Node.
   *
   * Hazard: a function that allocates much at one stroke can end the whole process, as V8 then has
   * no time to end the worker alone. Code that you do not trust belongs in a process of its own.
   */
  readonly heapBytesMax?: number
}

/**
 * The defaults of {@link Options}.
 *
 * @since 0.1.0
 */
export const defaults = { size: availableParallelism(), queueMax: 1024 } as const satisfies Omit<
  Required<Options>,
  "module" | "heapBytesMax"
>

/**
 * Workers that run the functions which `Module` exports.
 *
 * @since 0.1.0
 */
export interface Pool<Module> {
  /**
   * Calls a function of the module on a worker, and gives what it returns, or what its promise
   * resolves to.
   *
   * - Arguments and result are copied as by `structuredClone`, the arguments when the call starts.
   *   Functions that take or return what would not arrive as it is (functions, promises, objects
   *   with methods) are refused by their type.
   * - When all workers are busy, it waits for one, in order of arrival.
   * - Interrupting it ends the worker, whatever that is doing, and waits until it has ended. Another
   *   one is started when it is needed.
   * - When the scope of the pool closes, it ends as interrupted, and so does a later call.
   *
   * A name that the module does not export is the defect `CpuFunctionMissing`.
   */
  run<Name extends FunctionName<Module>>(
    name: Name,
    ...args: Signature<Module[Name]>[0]
  ): Effect.Effect<Signature<Module[Name]>[1], CpuError>
  /** What is the case now. */
  readonly snapshot: Effect.Effect<Snapshot>
}

/**
 * The exported functions of a module that a pool can call: those whose arguments and results can be
 * sent between threads.
 *
 * @since 0.1.0
 */
export type FunctionName<Module> = {
  [Name in keyof Module]: [Signature<Module[Name]>] extends [never] ? never : Name
}[keyof Module] &
  string

/**
 * The state of a pool at one moment.
 *
 * @since 0.1.0
 */
export interface Snapshot {
  /** Workers that have been started and have not ended. */
  readonly workers: number
  /** Calls that have a worker. */
  readonly running: number
  /** Calls that wait for one. */
  readonly waiting: number
}

/**
 * Makes a pool of workers, which end with the scope. `Module` is the type of the module.
 *
 * Nothing is started before the first call, so a module that cannot be loaded is an error of the
 * calls. A worker that dies between two calls, for example by a timer that a function left, is
 * logged as a warning; another is started when it is needed. An idle pool does not keep the process
 * alive. An option out of its range is the defect `OptionOutOfRange`.
 *
 * ```ts
 * // In a program: Cpu.pool<typeof import("./work.ts")>({
 * //   module: new URL("./work.ts", import.meta.url)
 * // })
 * const module = new URL("data:text/javascript,export const double = (n) => n * 2")
 * const cpu = yield* Cpu.pool<{ double(n: number): number }>({ module, size: 1 })
 * yield* cpu.run("double", 21) // => 42
 * ```
 *
 * @since 0.1.0
 */
export const pool = <Module>(options: Options): Effect.Effect<Pool<Module>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { heapBytesMax, module, queueMax, size } = { ...defaults, ...options }
    yield* checkOptions({ heapBytesMax, queueMax, size })
    const permits = yield* Semaphore.make(size, { name: `workers of ${module.href}` })
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    // Invariants, whenever no function below is on the stack:
    //   1. `calls` is the number of calls that hold or await a permit.
    //   2. `threads` are those that have not ended; `idle` are those of them that a call may use.
    //   3. A thread runs for a call that holds a permit, so there are at most `size`.
    const threads = new Set<Thread.Thread>()
    const idle: Array<Thread.Thread> = []
    let calls = 0
    let closed = false

    const startThread = () => {
      const thread = Thread.start({
        module: module.href,
        heapBytesMax,
        onIdle: (thread) => idle.push(thread),
        onEnd: (thread, error) => {
          threads.delete(thread)
          if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1)
          if (error !== undefined) runFork(Effect.logWarning(error.message, error))
        }
      })
      threads.add(thread)
      return thread
    }

    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closed = true
        return Effect.forEach([...threads], ({ kill }) => kill, {
          concurrency: "unbounded",
          discard: true
        })
      })
    )

    const callWith = (name: string, args: ReadonlyArray<unknown>) =>
      Effect.callback<unknown, CpuError>((resume) =>
        closed ? resume(Effect.interrupt) : (idle.pop() ?? startThread()).call(name, args, resume)
      )

    const run = (name: string, ...args: ReadonlyArray<unknown>) =>
      Effect.uninterruptibleMask((restore) => {
        if (calls >= size + queueMax) {
          return Effect.fail(new CpuQueueFull({ function: name, queueMax }))
        }
        calls++
        return Effect.ensuring(
          restore(permits.withPermit(callWith(name, args))),
          Effect.sync(() => calls--)
        )
      })

    return {
      run: run as Pool<Module>["run"],
      snapshot: Effect.sync(() => ({
        workers: threads.size,
        running: Math.min(calls, size),
        waiting: Math.max(0, calls - size)
      }))
    }
  })

const ranges = {
  size: [1, "an integer from 1"],
  queueMax: [0, "an integer from 0, or Infinity"],
  heapBytesMax: [16 * 1024 * 1024, "an integer from 16777216 (16 MiB)"]
} as const

const checkOptions = (
  options: Readonly<Record<keyof typeof ranges, number | undefined>>
): Effect.Effect<void> =>
  Effect.forEach(
    ["size", "queueMax", "heapBytesMax"] as const,
    (option) => {
      const value = options[option]
      const [least, range] = ranges[option]
      const isInRange =
        value === undefined ||
        (option === "queueMax" && value === Infinity) ||
        (Number.isSafeInteger(value) && value >= least)
      return isInRange ? Effect.void : Effect.die(new OptionOutOfRange({ option, value, range }))
    },
    { discard: true }
  )

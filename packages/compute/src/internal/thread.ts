/** One worker thread, seen from the thread that owns it. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Worker } from "node:worker_threads"
import {
  CpuCallFailed,
  type CpuError,
  CpuFunctionMissing,
  CpuModuleFailed,
  CpuNotCloneable,
  CpuWorkerDied
} from "../CpuError.ts"
import type { Call, Reply, Thrown } from "./worker.ts"

export interface Thread {
  /**
   * Runs a function of the module on the idle thread. Before `resume` is called, either the thread is
   * idle again and `onIdle` was called, or it is of no more use. Until then the process stays alive.
   *
   * Returns what ends the call early, and the thread with it.
   */
  call(name: string, args: ReadonlyArray<unknown>, resume: Resume): Effect.Effect<void>
  /** Ends the thread, whatever it is doing, and its call as interrupted; waits until it has ended. */
  readonly kill: Effect.Effect<void>
}

export interface Options {
  /** The address of the module. */
  readonly module: string
  readonly heapBytesMax: number | undefined
  readonly onIdle: (thread: Thread) => void
  /** Called once, when the thread has ended; with an error if it died without a call. */
  readonly onEnd: (thread: Thread, error: CpuWorkerDied | undefined) => void
}

type Resume = (result: Effect.Effect<unknown, CpuError>) => void

/** Starts a thread for a first call, which should follow at once: it keeps the process alive too. */
export const start = (options: Options): Thread => {
  // Invariants, whenever no function below is on the stack:
  //   1. `current` is the call whose end is awaited. Without one the thread is idle, or over.
  //   2. A call is resumed exactly once: by its reply, by `kill`, or by the end of the thread.
  let current: { readonly call: Call; readonly resume: Resume } | undefined
  let over = false
  let calls = 0
  let uncaught: unknown

  const worker = new Worker(entry, {
    name: "fibra-cpu",
    workerData: options.module,
    resourceLimits: heapLimit(options.heapBytesMax)
  })

  const settle = (result: Effect.Effect<unknown, CpuError>) => {
    if (current === undefined) return
    const { resume } = current
    current = undefined
    worker.unref()
    if (!over) options.onIdle(thread)
    resume(result)
  }

  const kill = Effect.promise(() => {
    over = true
    settle(Effect.interrupt)
    return worker.terminate()
  }).pipe(Effect.asVoid, Effect.uninterruptible)

  const settleAndKill = (result: Effect.Effect<unknown, CpuError>) => {
    over = true
    settle(Effect.andThen(kill, result))
  }

  worker.on("message", (reply: Reply) => {
    // A module may post messages of its own.
    if (current === undefined || reply?.id !== current.call.id) return
    const result = resultOf(current.call.name, options.module, reply)
    // A thread loads a module once: only a new one can tell whether it loads by now.
    if (reply.kind === "moduleFailed") settleAndKill(result)
    else settle(result)
  })
  worker.on("messageerror", (cause) => {
    if (current === undefined) return
    const { name } = current.call
    settleAndKill(Effect.fail(new CpuNotCloneable({ function: name, value: "result", cause })))
  })
  worker.on("error", (error) => {
    uncaught = error
  })
  worker.on("exit", (exitCode) => {
    const died = over
      ? undefined
      : new CpuWorkerDied({ function: current?.call.name, exitCode, cause: uncaught })
    over = true
    options.onEnd(thread, current === undefined ? died : undefined)
    if (died !== undefined) settle(Effect.fail(died))
  })

  const thread: Thread = {
    kill,
    call: (name, args, resume) => {
      const call: Call = { id: ++calls, name, args }
      current = { call, resume }
      worker.ref()
      const sent = Result.try(() => worker.postMessage(call, []))
      if (Result.isFailure(sent)) {
        const cause = sent.failure
        settle(Effect.fail(new CpuNotCloneable({ function: name, value: "arguments", cause })))
      }
      // Hazard: an interrupt may land after the reply, when the thread works for another caller.
      return Effect.suspend(() => (current?.call === call ? kill : Effect.void))
    }
  }
  return thread
}

// The compiler rewrites the specifiers of imports, and not this one.
const entry = import.meta.url.endsWith(".ts")
  ? new URL("./worker.ts", import.meta.url)
  : new URL("./worker.js", import.meta.url)

const heapLimit = (bytes: number | undefined) =>
  bytes === undefined ? {} : { maxOldGenerationSizeMb: bytes / 1024 / 1024 }

const resultOf = (name: string, module: string, reply: Reply): Effect.Effect<unknown, CpuError> => {
  switch (reply.kind) {
    case "value":
      return Effect.succeed(reply.value)
    case "missing": {
      const { functions } = reply
      return Effect.die(new CpuFunctionMissing({ module, function: name, functions }))
    }
    case "threw":
      return Effect.fail(new CpuCallFailed({ function: name, ...reply.thrown }))
    case "notCloned": {
      const cause = errorFrom(reply.thrown)
      return Effect.fail(new CpuNotCloneable({ function: name, value: "result", cause }))
    }
    case "moduleFailed":
      return Effect.fail(new CpuModuleFailed({ module, cause: errorFrom(reply.thrown) }))
  }
}

const errorFrom = ({ cause, message, name, properties, stack }: Thrown): Error =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), properties, {
    name,
    stack
  })

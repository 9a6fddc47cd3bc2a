/**
 * What can go wrong with a call on a worker thread.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * The function threw, or the promise it returned was rejected.
 *
 * `name`, `message` and `stack` are those of the error on the worker, so that it prints as if the
 * function had been called here.
 *
 * @since 0.1.0
 */
export class CpuCallFailed extends Data.TaggedError("CpuCallFailed")<{
  /** The name that was given to `run`. */
  readonly function: string
  readonly name: string
  readonly message: string
  /** Empty where something other than an error was thrown. */
  readonly stack: string
  /** The cause of the error; where something other than an error was thrown, that. */
  readonly cause: unknown
  /** The properties of the error, such as `code`; empty when one of them cannot be cloned. */
  readonly properties: Readonly<Record<string, unknown>>
}> {}

/**
 * The module cannot be loaded: it is not there, does not parse, or throws while it loads.
 *
 * Each call tries again, on a new worker.
 *
 * @since 0.1.0
 */
export class CpuModuleFailed extends Data.TaggedError("CpuModuleFailed")<{
  readonly module: string
  /** The error on the worker. */
  readonly cause: Error
}> {
  override get message(): string {
    return `${this.module} cannot be loaded by a worker: ${this.cause.message}`
  }
}

/**
 * The worker ended before the function did: it called `process.exit`, ran out of memory, or an error
 * was thrown that no caller could catch, for example in a timer. The next call gets a new worker.
 *
 * @since 0.1.0
 */
export class CpuWorkerDied extends Data.TaggedError("CpuWorkerDied")<{
  /** The function that was running; undefined for a worker that died between two calls. */
  readonly function: string | undefined
  readonly exitCode: number
  /** The uncaught error, where there was one. */
  readonly cause: unknown
}> {
  override get message(): string {
    const when = this.function === undefined ? "between two calls" : `while it ran ${this.function}`
    const why = this.cause === undefined ? "process.exit was called" : textOf(this.cause)
    return `a worker ended ${when}, with exit code ${this.exitCode}: ${why}`
  }
}

/**
 * The arguments or the result cannot be sent between threads: there is a function, a symbol or
 * another thing in them that a structured clone refuses. The worker is not harmed.
 *
 * @since 0.1.0
 */
export class CpuNotCloneable extends Data.TaggedError("CpuNotCloneable")<{
  readonly function: string
  readonly value: "arguments" | "result"
  readonly cause: unknown
}> {
  override get message(): string {
    const why = textOf(this.cause)
    return `the ${this.value} of ${this.function} cannot be sent between threads: ${why} Use plain data.`
  }
}

/**
 * As many calls as may wait for a worker wait already; this one was not started.
 *
 * @since 0.1.0
 */
export class CpuQueueFull extends Data.TaggedError("CpuQueueFull")<{
  readonly function: string
  readonly queueMax: number
}> {
  override get message(): string {
    return `${this.function} was not called: ${this.queueMax} calls wait for a worker already. Start fewer at a time, or raise queueMax.`
  }
}

/**
 * Everything that can go wrong with a call.
 *
 * @since 0.1.0
 */
export type CpuError =
  | CpuCallFailed
  | CpuModuleFailed
  | CpuWorkerDied
  | CpuNotCloneable
  | CpuQueueFull

/**
 * Defect raised when the module does not export a function of this name, whatever its type says.
 *
 * @since 0.1.0
 */
export class CpuFunctionMissing extends Data.TaggedError("CpuFunctionMissing")<{
  readonly module: string
  readonly function: string
  /** The functions that it does export. */
  readonly functions: ReadonlyArray<string>
}> {
  override get message(): string {
    const others = this.functions.length === 0 ? "no functions" : this.functions.join(", ")
    return `${this.module} exports no function ${this.function}, but ${others}: is the type of the pool that of its module?`
  }
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

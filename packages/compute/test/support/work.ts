/** The functions that the tests call on worker threads. */
import { isMainThread, parentPort, threadId } from "node:worker_threads"

export const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2))

export const echo = (value: unknown): unknown => value

export const later = async (value: string, suffix = "!"): Promise<string> => {
  await new Promise((resolve) => setImmediate(resolve))
  return value + suffix
}

export const thread = (): number => threadId

export const isMain = (): boolean => isMainThread

/** Which file a package is, in the eyes of the worker. */
export const resolve = (specifier: string): string => import.meta.resolve(specifier)

/** Says through a cell that it has begun, then computes until the cell is 0 again. */
export const spin = (cells: Int32Array, index: number): void => {
  say(cells, index)
  while (Atomics.load(cells, index) > 0);
}

/** Says through the first cell that it has begun, and waits for ever without computing. */
export const park = (cells: Int32Array): Promise<void> => {
  say(cells, 0)
  return new Promise(() => {})
}

const say = (cells: Int32Array, index: number) => {
  Atomics.store(cells, index, 1)
  Atomics.notify(cells, index)
}

class TooSmall extends Error {
  readonly code = "E_SMALL"
  readonly least: number
  constructor(least: number, cause: Error) {
    super(`give at least ${least}`, { cause })
    this.name = "TooSmall"
    this.least = least
  }
}

export const fail = (least: number): void => {
  throw new TooSmall(least, new RangeError("off by one"))
}

export const reject = (reason: unknown): Promise<void> => Promise.reject(reason)

export const rejectWithSymbol = (): Promise<void> => Promise.reject(Symbol("reason"))

export const failWithFunctions = (): void => {
  throw Object.assign(new TypeError("callback missing", { cause: () => {} }), { undo: () => {} })
}

export const exit = (code: number): void => process.exit(code)

export const throwInTimer = (): Promise<void> => {
  setTimeout(fail, 0, 1)
  return new Promise(() => {})
}

export const throwTextInTimer = (): Promise<void> => {
  setTimeout(() => {
    // oxlint-disable-next-line no-throw-literal
    throw "out of luck"
  })
  return new Promise(() => {})
}

/** Returns, and lets its thread end by an error afterwards. */
export const leaveTimer = (): void => {
  setTimeout(fail, 0, 2)
}

export const returnFunction = (): unknown => ({ undo: () => {} })

export const returnThrowingGetter = (): unknown => ({
  get now(): number {
    throw new TooSmall(3, new Error("no"))
  }
})

export const speakOutOfTurn = (): string => {
  parentPort!.postMessage("noise", [])
  parentPort!.postMessage(undefined, [])
  return "done"
}

/** As Node tells that a message from the pool cannot be read. */
export const receiveDamaged = (): Promise<void> => {
  setImmediate(() => parentPort!.emit("messageerror", new Error("damaged")))
  return new Promise(() => {})
}

export const withCallback = (callback: () => void): void => callback()

export const notAFunction = 1

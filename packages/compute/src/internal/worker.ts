/**
 * What runs on a worker thread: it loads one module and calls its functions, one call at a time.
 *
 * It imports nothing else, Effect included: a thread starts five times faster so.
 */
import { parentPort, workerData } from "node:worker_threads"

/** What the pool sends. */
export interface Call {
  readonly id: number
  readonly name: string
  readonly args: ReadonlyArray<unknown>
}

/** What comes back, exactly once for each call, unless the thread ends first. */
export type Reply =
  | { readonly id: number; readonly kind: "value"; readonly value: unknown }
  | { readonly id: number; readonly kind: Failure; readonly thrown: Thrown }
  | { readonly id: number; readonly kind: "missing"; readonly functions: ReadonlyArray<string> }

type Failure = "threw" | "notCloned" | "moduleFailed"

/** What was thrown, in parts: a structured clone of an error drops its name and its properties. */
export interface Thrown {
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly cause: unknown
  /** The enumerable properties of the error, such as `code`. */
  readonly properties: Readonly<Record<string, unknown>>
}

const port = parentPort!
const loading: Promise<Readonly<Record<string, unknown>>> = import(workerData as string)
// The calls tell that the module failed, and the first of them may come later than that.
loading.catch(() => {})

port.on("message", (call: Call) => {
  loading
    .then(
      (exports) => answer(exports, call),
      (error) => failure(call, "moduleFailed", error)
    )
    .then((reply) =>
      attempt(() => port.postMessage(reply)).catch((error) =>
        port.postMessage(withoutData(call, reply, error))
      )
    )
})

// An argument that arrives damaged ends the thread, and so the call: an error that nobody catches.
port.on("messageerror", (error) => {
  throw error
})

const answer = (exports: Readonly<Record<string, unknown>>, call: Call): Reply | Promise<Reply> => {
  const { id, name, args } = call
  const target = exports[name]
  if (typeof target !== "function") {
    const functions = Object.keys(exports).filter((key) => typeof exports[key] === "function")
    return { id, kind: "missing", functions }
  }
  return attempt<unknown>(() => target(...args)).then(
    (value) => ({ id, kind: "value", value }),
    (error) => failure(call, "threw", error)
  )
}

const attempt = <A>(f: () => A): Promise<Awaited<A>> =>
  new Promise((resolve) => resolve(f() as Awaited<A>))

const failure = ({ id }: Call, kind: Failure, thrown: unknown): Reply => ({
  id,
  kind,
  thrown: describe(thrown)
})

const describe = (thrown: unknown): Thrown =>
  thrown instanceof Error
    ? {
        name: String(thrown.name),
        message: String(thrown.message),
        stack: trimmed(String(thrown.stack)),
        cause: thrown.cause,
        properties: { ...thrown }
      }
    : {
        name: "Error",
        message: typeof thrown === "string" ? thrown : `a thrown ${typeof thrown}, not an Error`,
        stack: "",
        cause: thrown,
        properties: {}
      }

/** A stack without the frames of this file, and those below them. */
const trimmed = (stack: string): string => {
  const lines = stack.split("\n")
  const ours = lines.findIndex((line) => line.includes(import.meta.url))
  return ours === -1 ? stack : lines.slice(0, ours).join("\n")
}

/** The reply in place of one that cannot be sent. */
const withoutData = ({ id }: Call, reply: Reply, error: unknown): Reply => {
  const [kind, thrown] =
    "thrown" in reply ? [reply.kind, reply.thrown] : (["notCloned", describe(error)] as const)
  return { id, kind, thrown: { ...thrown, cause: undefined, properties: {} } }
}

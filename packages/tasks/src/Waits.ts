/**
 * The port through which blocking primitives say who waits for what, and who holds it.
 *
 * Nobody listens by default, and then a wait costs one look-up more. A simulator that provides an
 * {@link Observer} can report a deadlock with its cycle; a live view can say where each task waits.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import * as TaskName from "./internal/taskName.ts"

/**
 * Something that fibers wait for, such as one semaphore.
 *
 * @since 0.1.0
 */
export interface Resource {
  /** What it is: `"Semaphore"`, `"Lock"`, `"WorkQueue.take"`, … */
  readonly kind: string
  /** The name its maker gave it. */
  readonly name: string | undefined
  /** Unique in this process, in order of creation. */
  readonly id: number
  /** The fibers that must act before a waiter can go on, as far as the primitive knows them. */
  readonly holders: () => ReadonlyArray<Fiber.Fiber<unknown, unknown>>
}

/**
 * Listens to waits. Its functions are called in the middle of the primitive's work: they must not
 * throw, and must not use the primitive.
 *
 * @since 0.1.0
 */
export interface Listener {
  /** The fiber waits for the resource from now on. */
  readonly waiting: (fiber: Fiber.Fiber<unknown, unknown>, resource: Resource) => void
  /** It no longer does: what it waited for is its own now, or it was interrupted. */
  readonly waited: (fiber: Fiber.Fiber<unknown, unknown>, resource: Resource) => void
}

/**
 * The listener of the waits that begin in this context. Default: none.
 *
 * ```ts
 * const log: Array<string> = []
 * const listener: Waits.Listener = {
 *   waiting: (_, { kind, name }) => log.push(`waits for ${kind} ${name}`),
 *   waited: () => log.push("goes on")
 * }
 * const semaphore = yield* Semaphore.make(1, { name: "disk" })
 * const bodies = [Effect.yieldNow, Effect.void]
 * const both = Effect.forEach(bodies, semaphore.withPermit, { concurrency: 2, discard: true })
 * yield* Effect.provideService(both, Waits.Observer, listener)
 * log // => ["waits for Semaphore disk", "goes on"]
 * ```
 *
 * @since 0.1.0
 */
export const Observer: Context.Reference<Listener | undefined> = Context.Reference<
  Listener | undefined
>("@fibra/tasks/Waits/Observer", { defaultValue: () => undefined })

/**
 * Describes a primitive to observers. Anything that blocks may do so, in any package.
 *
 * @since 0.1.0
 */
export const resource = (options: {
  readonly kind: string
  readonly name?: string | undefined
  readonly holders?: Resource["holders"]
}): Resource => ({
  kind: options.kind,
  name: options.name,
  id: ++lastId,
  holders: options.holders ?? (() => [])
})

let lastId = 0

/**
 * The name of the task that `fiber` runs, or `fiber#` and its id where no task was named.
 *
 * ```ts
 * yield* Effect.withFiberSucceed((fiber) => Waits.taskName(fiber) === `fiber#${fiber.id}`) // => true
 * ```
 *
 * @since 0.1.0
 */
export const taskName: (fiber: Fiber.Fiber<unknown, unknown>) => string = TaskName.taskName

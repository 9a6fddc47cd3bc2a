import { describe, expectTypeOf, it } from "vitest"
import { Context, type Array, Effect, type Option } from "effect"
import { Barrier, Lock, RwLock, Semaphore, WorkQueue } from "@fibra/tasks"

class Disk extends Context.Service<Disk, { readonly free: number }>()("test/Disk") {}

declare const job: Effect.Effect<number, "full", Disk>
declare const semaphore: Semaphore.Semaphore
declare const lock: Lock.Lock
declare const rwLock: RwLock.RwLock
declare const queue: WorkQueue.WorkQueue<string>

describe("types of the primitives", () => {
  it("SEM13: holding permits or a lock changes nothing in the type of the effect", () => {
    const held = () => [
      job.pipe(semaphore.withPermits(2, { priority: 1 })),
      job.pipe(semaphore.withPermit),
      job.pipe(lock.withLock),
      job.pipe(rwLock.withRead),
      job.pipe(rwLock.withWrite)
    ]
    expectTypeOf(held).returns.items.toEqualTypeOf<typeof job>()
    const tried = () => [job.pipe(semaphore.tryWithPermits(2)), job.pipe(lock.tryWithLock)]
    type Tried = Effect.Effect<Option.Option<number>, "full", Disk>
    expectTypeOf(tried).returns.items.toEqualTypeOf<Tried>()
  })

  it("SEM13, LCK1: there is no operation that releases", () => {
    type Operations = "withPermits" | "withPermit" | "tryWithPermits" | "resize" | "snapshot"
    expectTypeOf<keyof Semaphore.Semaphore>().toEqualTypeOf<Operations>()
    expectTypeOf<Extract<keyof Lock.Lock, string>>().toEqualTypeOf<
      "withLock" | "tryWithLock" | "snapshot"
    >()
  })

  it("BAR5: the number of a party, or why there was no meeting", () => {
    expectTypeOf<Barrier.Barrier["await"]>().toEqualTypeOf<
      Effect.Effect<number, Barrier.BarrierBroken>
    >()
  })

  it("WQ16: consume has the failures and the services of its runs, and no others", () => {
    const consumed = () => queue.consume((item) => Effect.as(job, item), { concurrency: 2 })
    expectTypeOf(consumed).returns.toEqualTypeOf<Effect.Effect<void, "full", Disk>>()
    const total = () => queue.consume(() => Effect.void)
    expectTypeOf(total).returns.toEqualTypeOf<Effect.Effect<void>>()
  })

  it("WQ16: what takes and offers fails with QueueShutdown only", () => {
    type Queue = WorkQueue.WorkQueue<string>
    type Shutdown = WorkQueue.QueueShutdown
    expectTypeOf<Queue["take"]>().toEqualTypeOf<Effect.Effect<string, Shutdown>>()
    expectTypeOf<Queue["takeBatch"]>().returns.toEqualTypeOf<
      Effect.Effect<Array.NonEmptyArray<string>, Shutdown>
    >()
    expectTypeOf<Queue["offer"]>().toEqualTypeOf<(item: string) => Effect.Effect<void, Shutdown>>()
    expectTypeOf<Queue["join"]>().toEqualTypeOf<Effect.Effect<void>>()
  })

  it("WQ16: a queue by priority knows its items from their priority", () => {
    const make = () =>
      WorkQueue.make({ capacity: 1, order: "priority", priority: (word: string) => word.length })
    expectTypeOf(make).returns.toEqualTypeOf<Effect.Effect<WorkQueue.WorkQueue<string>>>()
    // @ts-expect-error a queue by priority needs to know the priority
    const incomplete = () => WorkQueue.make<string>({ capacity: 1, order: "priority" })
    expectTypeOf(incomplete).toBeFunction()
  })
})

/** Programs with a bug that the default scheduler does not show: each fails in some order only. */
import { Effect, Fiber } from "effect"
import { Lock, Task } from "@fibra/tasks"

/** Two fibers read, then write: one of the writes can be lost. */
const lostUpdate = Effect.gen(function* () {
  let total = 0
  const read = Effect.sync(() => total)
  const write = (value: number) => Effect.sync(() => (total = value))
  const add = Effect.flatMap(read, (value) => write(value + 1))
  yield* Effect.all([add, add], { concurrency: 2 })
  if (total !== 2) return yield* Effect.fail("an update is lost")
})

/** One takes lock A, then B; the other takes B, then A. */
const deadlock = Effect.gen(function* () {
  const a = yield* Lock.make({ name: "A" })
  const b = yield* Lock.make({ name: "B" })
  const left = a.withLock(b.withLock(Effect.void)).pipe(Task.named("left"))
  const right = b.withLock(a.withLock(Effect.void)).pipe(Task.named("right"))
  yield* Effect.all([left, right], { concurrency: 2 })
})

/** A fiber looks at a flag, and only then registers for its change. */
const missedWakeUp = Effect.gen(function* () {
  let isSet = false
  const waiters: Array<() => void> = []
  const register = Effect.callback<void>((resume) => {
    waiters.push(() => resume(Effect.void))
  })
  const wait = Effect.flatMap(
    Effect.sync(() => isSet),
    (seen) => (seen ? Effect.void : register)
  )
  const set = Effect.sync(() => {
    isSet = true
    for (const wake of waiters) wake()
  })
  yield* Effect.all([wait, set], { concurrency: 2 })
})

/** A file is to be saved before it is closed, and both happen after the same delay. */
const timerRace = Effect.gen(function* () {
  let isOpen = true
  const delay = Effect.sleep("5 millis")
  const save = Effect.suspend(() => (isOpen ? Effect.void : Effect.fail("saved after the end")))
  const close = Effect.sync(() => (isOpen = false))
  yield* Effect.all([Effect.andThen(delay, save), Effect.andThen(delay, close)], { concurrency: 2 })
})

/** A semaphore hands its permit to a waiter that is interrupted before it wakes, and forgets it. */
const lostPermit = Effect.gen(function* () {
  let isFree = true
  const waiters = new Set<() => void>()
  const acquire = Effect.suspend(() => {
    if (isFree) return Effect.sync(() => (isFree = false))
    return Effect.callback<boolean>((resume) => {
      const wake = () => resume(Effect.succeed(false))
      waiters.add(wake)
      return Effect.sync(() => waiters.delete(wake))
    })
  })
  const release = Effect.withFiberSucceed(({ currentDispatcher }) => {
    const [next] = waiters
    if (next === undefined) {
      isFree = true
      return
    }
    waiters.delete(next)
    currentDispatcher.scheduleTask(next, 0)
  })
  const use = (body: Effect.Effect<void>) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.andThen(restore(acquire), Effect.ensuring(restore(body), release))
    )
  const holder = yield* Effect.forkChild(use(Effect.yieldNow), { startImmediately: true })
  const waiter = yield* Effect.forkChild(use(Effect.void), { startImmediately: true })
  yield* Fiber.join(holder)
  yield* Effect.yieldNow
  yield* Fiber.interrupt(waiter)
  if (!isFree) return yield* Effect.fail("a permit is lost")
})

export type Planted = "lostUpdate" | "deadlock" | "missedWakeUp" | "timerRace" | "lostPermit"

export const planted: Readonly<Record<Planted, Effect.Effect<void, string>>> = {
  lostUpdate,
  deadlock,
  missedWakeUp,
  timerRace,
  lostPermit
}

import { assert, describe } from "vitest"
import { Effect, Exit } from "effect"
import { Condition, Lock } from "@fibra/tasks"
import { it } from "@fibra/testing/Vitest"
import { amidAny } from "../support/amid.ts"
import { dice } from "../support/dice.ts"
import { makeLine } from "../support/line.ts"
import { storm } from "../support/storm.ts"
import { turns } from "../support/turns.ts"

const unheld = { owner: undefined, waiting: 0 }

const setup = Effect.gen(function* () {
  const lock = yield* Lock.make()
  return { lock, condition: yield* Condition.make(lock) }
})

describe("Condition", () => {
  it.sim("CND1, CND3, CND4, CND6: no token is lost, and nobody waits for one that is there", () =>
    Effect.gen(function* () {
      const { below, pick, random } = yield* dice
      const { condition, lock } = yield* setup
      let [inside, tokens, taken] = [0, 0, 0]
      // On every way out of a wait the body holds the lock, so that it is alone.
      const wait = Effect.onExit(
        condition.awaitUntil(() => tokens > 0),
        () => Effect.sync(() => assert.strictEqual(inside, 0))
      )
      const take = Effect.sync(() => {
        if (tokens > 0) {
          tokens--
          taken++
        }
      })
      const patient = Effect.as(Effect.andThen(wait, take), "satisfied")
      const impatient = Effect.as(
        Effect.andThen(Effect.timeoutOption(wait, 1 + below(5)), take),
        "perhaps"
      )
      const consumers = Array.from({ length: 2 + below(8) }, () =>
        lock.withLock<string, never, never>(random() < 0.3 ? impatient : patient)
      )
      const producer = Effect.gen(function* () {
        inside++
        yield* Effect.yieldNow
        tokens++
        yield* pick([condition.notify(), condition.notify(3), condition.notifyAll])
        inside--
      }).pipe(lock.withLock, Effect.uninterruptible)
      // As many tokens as consumers: whoever is patient and not interrupted gets one.
      const pause = Effect.suspend(() =>
        random() < 0.3 ? Effect.sleep(below(4)) : turns(below(8))
      )
      const producers = Effect.forEach(consumers, () => Effect.andThen(pause, producer))
      const [exits] = yield* Effect.all([storm(consumers), producers], { concurrency: 2 })
      const satisfied = exits.filter((exit) => Exit.isSuccess(exit) && exit.value === "satisfied")
      assert.isAtLeast(taken, satisfied.length)
      assert.strictEqual(tokens + taken, consumers.length)
      assert.deepStrictEqual(yield* lock.snapshot, unheld)
    })
  )

  it.sim("CND2, CND4: the longest waiting goes on first, also amid interrupts", () =>
    Effect.gen(function* () {
      const { below } = yield* dice
      const { condition, lock } = yield* setup
      const line = yield* makeLine("Condition")
      const waiters = Array.from({ length: 2 + below(8) }, (_, index) =>
        line.asks({ name: `task ${index}` }, (enter) =>
          lock.withLock(Effect.map(condition.await, enter))
        )
      )
      const notifier = yield* Effect.sleep(1).pipe(
        Effect.andThen(Effect.suspend(() => condition.notify(1 + below(2)))),
        lock.withLock,
        Effect.forever,
        Effect.forkChild
      )
      const check = Effect.sync(() => assert.deepStrictEqual(line.ghosts(), []))
      yield* storm(waiters, check)
      notifier.interruptUnsafe()
      assert.deepStrictEqual(line.overtakers(), [])
    })
  )

  // Was met by seed 3: an interrupt right after the wait of awaitUntil took the notification.
  it.sim.everyCancel("CND4: who was notified and is interrupted at any moment passes it on", () =>
    Effect.gen(function* () {
      const { below } = yield* dice
      const { condition, lock } = yield* setup
      let isFree = true
      const awaitFree = condition.awaitUntil(() => isFree)
      // One at a time works; who has done so tells one other.
      const task = Effect.uninterruptibleMask((restore) => {
        const setFree = (to: boolean) => Effect.sync(() => void (isFree = to))
        const start = lock.withLock(Effect.andThen(restore(awaitFree), setFree(false)))
        const end = lock.withLock(Effect.andThen(setFree(true), condition.notify()))
        const work = restore(turns(below(3)))
        return Effect.andThen(start, Effect.ensuring(work, end))
      })
      const tasks = Array.from({ length: 2 + below(3) }, () => task)
      const snapshot = Effect.map(lock.snapshot, (snapshot) => ({ ...snapshot, isFree }))
      return yield* amidAny(tasks, snapshot)
    })
  )
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Event, Waits } from "@fibra/tasks"
import { CurrentTaskName } from "../src/internal/taskName.ts"

describe("Waits", () => {
  it.effect("WTS1: nobody listens by default, and waits work without a listener", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* Waits.Observer)
      const event = yield* Event.make()
      const waiter = yield* Effect.forkChild(event.await, { startImmediately: true })
      yield* event.set
      yield* Fiber.join(waiter)
    })
  )

  it.effect("WTS2: each wait is announced once and ended once, granted or interrupted", () =>
    Effect.gen(function* () {
      const open = new Map<string, string>()
      const log: Array<string> = []
      const listener: Waits.Listener = {
        waiting: (fiber, { kind, name }) => {
          assert.isFalse(open.has(Waits.taskName(fiber)))
          open.set(Waits.taskName(fiber), `${kind} ${name}`)
        },
        waited: (fiber) => {
          log.push(`${Waits.taskName(fiber)}: ${open.get(Waits.taskName(fiber))}`)
          open.delete(Waits.taskName(fiber))
        }
      }
      const event = yield* Event.make({ name: "ready" })
      const wait = (name: string) =>
        event.await.pipe(
          Effect.provideService(CurrentTaskName, name),
          Effect.provideService(Waits.Observer, listener),
          Effect.forkChild({ startImmediately: true })
        )
      const [granted, interrupted] = [yield* wait("granted"), yield* wait("interrupted")]
      assert.deepStrictEqual([...open.keys()], ["granted", "interrupted"])
      yield* Fiber.interrupt(interrupted)
      yield* event.set
      yield* Fiber.join(granted)
      assert.deepStrictEqual(log, ["interrupted: Event ready", "granted: Event ready"])
      assert.strictEqual(open.size, 0)
    })
  )

  it.effect(
    "WTS3: a resource has an id of its own, in order of creation, and no holders unless told",
    () =>
      Effect.sync(() => {
        const first = Waits.resource({ kind: "Mailbox" })
        const second = Waits.resource({ kind: "Mailbox", name: "inbox", holders: () => [] })
        assert.isBelow(first.id, second.id)
        assert.deepStrictEqual(
          [first.kind, first.name, first.holders()],
          ["Mailbox", undefined, []]
        )
        assert.strictEqual(second.name, "inbox")
      })
  )

  it.effect("WTS4: a task goes by its name, else by the id of its fiber", () =>
    Effect.gen(function* () {
      const name = Effect.withFiberSucceed((fiber) => Waits.taskName(fiber))
      assert.strictEqual(yield* name, yield* Effect.withFiberSucceed(({ id }) => `fiber#${id}`))
      assert.strictEqual(yield* Effect.provideService(name, CurrentTaskName, "crawler"), "crawler")
    })
  )
})

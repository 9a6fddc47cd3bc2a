import { assert, describe, it } from "vitest"
import { Deferred, Effect, Exit, Fiber, ManagedRuntime, Layer, Scheduler } from "effect"
import { HostLoop, Task } from "@fibra/tasks"

/** A host that calls posted callbacks when it is told to, or from a timer of its own. */
const makeHost = () => {
  const posted: Array<() => void> = []
  let inside = false
  const runOne = (index = 0) => {
    const [callback] = posted.splice(index, 1)
    inside = true
    callback!()
    inside = false
  }
  return {
    scheduler: HostLoop.scheduler((callback) => void posted.push(callback)),
    isInside: () => inside,
    posted,
    runOne,
    runAll: () => {
      while (posted.length > 0) runOne()
    },
    /** Serves the queue until the fiber has ended. */
    serve: <A, E>(fiber: Fiber.Fiber<A, E>) =>
      new Promise<Exit.Exit<A, E>>((resolve) => {
        const timer = setInterval(() => {
          while (posted.length > 0) runOne()
        }, 1)
        fiber.addObserver((exit) => {
          clearInterval(timer)
          resolve(exit)
        })
      })
  }
}

describe("HostLoop", () => {
  it("HST1: no step of a fiber runs before the host calls, not even the first", () => {
    const host = makeHost()
    const log: Array<string> = []
    const say = (line: string) => Effect.sync(() => void log.push(line))
    const program = say("a").pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(say("b")))
    const fiber = Effect.runFork(program, { scheduler: host.scheduler })
    assert.deepStrictEqual(log, [])
    host.runOne()
    assert.deepStrictEqual(log, ["a"])
    host.runAll()
    assert.deepStrictEqual([log, fiber.pollUnsafe()], [["a", "b"], Exit.void])
  })

  it("HST1: after timers, promises, other fibers and interrupts too", async () => {
    const host = makeHost()
    const outside: Array<string> = []
    const step = (name: string) =>
      Effect.sync(() => {
        if (!host.isInside()) outside.push(name)
      })
    const signal = Deferred.makeUnsafe<string>()
    const program = Effect.gen(function* () {
      yield* step("start")
      yield* Effect.sleep("2 millis")
      yield* step("after a timer")
      yield* Effect.promise(() => Promise.resolve())
      yield* step("after a promise")
      const cut = Effect.ensuring(Effect.never, step("cleanup"))
      yield* Task.gather([cut, Effect.andThen(Effect.sleep("1 millis"), Effect.fail("end"))]).pipe(
        Effect.ignore
      )
      yield* step("after a gather")
      return yield* Effect.ensuring(Deferred.await(signal), step("after another fiber"))
    })
    const fiber = Effect.runFork(program, { scheduler: host.scheduler })
    setTimeout(() => Deferred.doneUnsafe(signal, Exit.succeed("done")), 20)
    assert.deepStrictEqual(await host.serve(fiber), Exit.succeed("done"))
    assert.deepStrictEqual(outside, [])
  })

  it("HST2: a host may call in any order, and stop and go on; nothing is lost", () => {
    const host = makeHost()
    const tasks = Array.from({ length: 50 }, (_, index) =>
      Effect.as(Effect.andThen(Effect.yieldNow, Effect.yieldNow), index)
    )
    const fiber = Effect.runFork(Task.gather(tasks), { scheduler: host.scheduler })
    while (host.posted.length > 0) host.runOne(host.posted.length - 1)
    assert.deepStrictEqual(
      fiber.pollUnsafe(),
      Exit.succeed(Array.from({ length: 50 }, (_, index) => index))
    )
  })

  it("HST3: a host that calls before post returns gets a defect that says so, and no hang", () => {
    const scheduler = HostLoop.scheduler((callback) => callback())
    const fiber = Effect.runFork(Effect.andThen(Effect.yieldNow, Effect.never), { scheduler })
    assert.deepStrictEqual(fiber.pollUnsafe(), Exit.die(new HostLoop.PostedInline()))
  })

  it("HST4: a long computation gives the host a turn every 2,048 steps", () => {
    const host = makeHost()
    let steps = 0
    const busy = Effect.forever(
      Effect.sync(() => steps++),
      { disableYield: true }
    )
    const fiber = Effect.runFork(busy, { scheduler: host.scheduler })
    host.runOne()
    host.runOne()
    assert.isTrue(steps > 0 && steps <= 4096)
    fiber.interruptUnsafe()
    host.runAll()
    assert.isTrue(Exit.hasInterrupts(fiber.pollUnsafe()!))
  })

  it("HST5: as a service it runs everything of a ManagedRuntime on the host", async () => {
    const host = makeHost()
    const layer = Layer.succeed(Scheduler.Scheduler, host.scheduler)
    const runtime = ManagedRuntime.make(layer)
    const inside = Effect.sync(host.isInside)
    const fiber = runtime.runFork(Effect.andThen(Effect.sleep("1 millis"), inside))
    assert.deepStrictEqual(await host.serve(fiber), Exit.succeed(true))
    await runtime.dispose()
  })
})

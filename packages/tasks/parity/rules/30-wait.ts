/** wait returns what is done and what is pending, and interrupts nothing. */
import { Event, Task } from "@fibra/tasks"
import { Console, Effect, Fiber } from "effect"

const work = (name: string) =>
  Effect.andThen(Effect.yieldNow, name === "fails" ? Effect.fail(name) : Effect.void)

export const main = Effect.gen(function* () {
  const names = new Map<Fiber.Fiber<void, string>, string>()
  const start = (name: string, effect: Effect.Effect<void, string>) =>
    Effect.tap(Effect.forkChild(effect), (fiber) => Effect.sync(() => names.set(fiber, name)))

  const show = (until: string, { done, pending }: Task.Waited<Fiber.Fiber<void, string>>) => {
    const sorted = (fibers: typeof done) => fibers.map((fiber) => names.get(fiber)).toSorted()
    return Console.log(`${until}: done`, ...sorted(done), "pending", ...sorted(pending))
  }

  const ok = yield* start("ok", work("ok"))
  const ok2 = yield* start("ok2", work("ok2"))
  const fails = yield* start("fails", work("fails"))
  const gate = yield* Event.make()
  const waits = yield* start("waits", gate.await)
  yield* show("first", yield* Task.wait([ok, ok2, waits], { until: "first" }))
  yield* show("failure", yield* Task.wait([ok, fails, waits], { until: "firstFailure" }))
  yield* show("timeout", yield* Task.wait([ok, waits], { until: "all", timeout: "10 millis" }))
  const waiter = yield* Effect.forkChild(Task.wait([waits], { until: "all" }))
  yield* Effect.yieldNow
  yield* Fiber.interrupt(waiter)
  yield* Console.log("the waiter was cancelled")
  yield* gate.set
  yield* show("all", yield* Task.wait([ok, waits], { until: "all" }))
})

import { describe, expectTypeOf, it } from "vitest"
import { Context, Effect, type Exit, type Fiber, type Scope, type Stream } from "effect"
import { Deadline, Task, TaskGroup } from "@fibra/tasks"

class Disk extends Context.Service<Disk, { readonly free: number }>()("test/Disk") {}

declare const number: Effect.Effect<number, "e1">
declare const text: Effect.Effect<string, "e2", Disk>
declare const stream: Stream.Stream<typeof number, "e3">
declare const fibers: Array<Fiber.Fiber<number, "e1">>
declare const supervisedBody: (
  group: TaskGroup.TaskGroup<"e1", "enough">
) => Effect.Effect<number, "e1">
declare const list: Array<typeof number | typeof text>

describe("types", () => {
  it("TSK12: a tuple keeps its length, its order and each type", () => {
    const gathered = () => Task.gather([number, text])
    expectTypeOf(gathered).returns.toEqualTypeOf<
      Effect.Effect<[number, string], "e1" | "e2", Disk>
    >()
  })

  it("TSK12: an array or another iterable gives an array", () => {
    const gathered = () => Task.gather(list, { concurrency: 2 })
    type Expected = Effect.Effect<Array<number | string>, "e1" | "e2", Disk>
    expectTypeOf(gathered).returns.toEqualTypeOf<Expected>()
    expectTypeOf(() => Task.gather(new Set(list))).returns.toEqualTypeOf<Expected>()
    expectTypeOf(() => Task.gather([])).returns.toEqualTypeOf<Effect.Effect<[]>>()
  })

  it("TSK12: a record keeps its keys", () => {
    const gathered = () => Task.gather({ number, text })
    expectTypeOf(gathered).returns.toEqualTypeOf<
      Effect.Effect<{ number: number; text: string }, "e1" | "e2", Disk>
    >()
  })

  it("TSK12: settle gives exits and cannot fail", () => {
    const gathered = () => Task.gather([number, text], { mode: "settle" })
    expectTypeOf(gathered).returns.toEqualTypeOf<
      Effect.Effect<[Exit.Exit<number, "e1">, Exit.Exit<string, "e2">], never, Disk>
    >()
    const record = () => Task.gather({ text }, { mode: "settle" })
    expectTypeOf(record).returns.toEqualTypeOf<
      Effect.Effect<{ text: Exit.Exit<string, "e2"> }, never, Disk>
    >()
  })

  it("TSK12: what is not an effect is refused", () => {
    // @ts-expect-error a promise is not an effect
    expectTypeOf(() => Task.gather([Promise.resolve(1)])).toBeFunction()
  })

  it("TSK12: collect, race, asCompleted and shield keep the types of their effects", () => {
    const effects = () => list
    expectTypeOf(() => Task.collect(effects(), { within: 1 })).returns.toEqualTypeOf<
      Effect.Effect<Task.Collected<number | string, "e1" | "e2">, never, Disk>
    >()
    expectTypeOf(() => Task.race(effects())).returns.toEqualTypeOf<
      Effect.Effect<number | string, "e1" | "e2", Disk>
    >()
    expectTypeOf(() => Task.asCompleted(effects(), { concurrency: 2 })).returns.toEqualTypeOf<
      Stream.Stream<number | string, "e1" | "e2", Disk>
    >()
    expectTypeOf(() => Task.asCompleted(stream, { concurrency: 2 })).returns.toEqualTypeOf<
      Stream.Stream<number, "e1" | "e3">
    >()
    expectTypeOf(() => Task.shield(text)).returns.toEqualTypeOf<
      Effect.Effect<Effect.Effect<string, "e2">, never, Disk | Scope.Scope>
    >()
    expectTypeOf(() => Task.wait(fibers, { until: "all" })).returns.toEqualTypeOf<
      Effect.Effect<Task.Waited<Fiber.Fiber<number, "e1">>>
    >()
  })

  it("GRP20: run fails as its body and its tasks may, and needs what they need", () => {
    const run = () =>
      TaskGroup.run((group: TaskGroup.TaskGroup<"e2">) =>
        Effect.as(group.spawn(text).pipe(Effect.catchTag("GroupClosed", () => Effect.void)), true)
      )
    expectTypeOf(run).returns.toEqualTypeOf<Effect.Effect<boolean, "e2", Disk>>()
  })

  it("GRP20: a spawned task keeps its own type, and undeclared failures are refused", () => {
    const spawn = (group: TaskGroup.TaskGroup<"e1" | "e2">) => group.spawn(number)
    expectTypeOf(spawn).returns.toEqualTypeOf<
      Effect.Effect<Fiber.Fiber<number, "e1">, TaskGroup.GroupClosed>
    >()
    type Spawned = Parameters<TaskGroup.TaskGroup["spawn"]>[0]
    expectTypeOf<Effect.Effect<number, never, Disk>>().toExtend<Spawned>()
    expectTypeOf<typeof number>().not.toExtend<Spawned>()
  })

  it("GRP20: the reason of cancel is a result, and a supervised group gives a report", () => {
    const cancelled = () =>
      TaskGroup.run((group: TaskGroup.TaskGroup<never, "enough">) => group.cancel("enough"))
    expectTypeOf(cancelled).returns.toEqualTypeOf<Effect.Effect<void | "enough">>()
    const supervised = () => TaskGroup.run(supervisedBody, { policy: "supervise" })
    expectTypeOf(supervised).returns.toEqualTypeOf<
      Effect.Effect<TaskGroup.Report<number, "e1", "enough">, "e1">
    >()
  })

  it("DDL14: a deadline adds DeadlineExceeded to the errors, and nothing else", () => {
    const within = Deadline.within("1 second", "load")
    expectTypeOf(() => within(text)).returns.toEqualTypeOf<
      Effect.Effect<string, "e2" | Deadline.DeadlineExceeded, Disk>
    >()
    expectTypeOf(() => within((deadline) => Effect.as(deadline.clear, 1))).returns.toEqualTypeOf<
      Effect.Effect<number, Deadline.DeadlineFinished | Deadline.DeadlineExceeded>
    >()
  })
})

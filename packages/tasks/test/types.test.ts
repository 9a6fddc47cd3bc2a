import { describe, expectTypeOf, it } from "vitest"
import { Context, Effect, type Exit } from "effect"
import { Task } from "@fibra/tasks"

class Disk extends Context.Service<Disk, { readonly free: number }>()("test/Disk") {}

declare const number: Effect.Effect<number, "e1">
declare const text: Effect.Effect<string, "e2", Disk>
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
})

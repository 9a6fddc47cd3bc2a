import { describe, expectTypeOf, it } from "vitest"
import type { Effect, Option } from "effect"
import type { Cpu, CpuError } from "@fibra/compute"
import type { Work } from "./support/pool.ts"

declare const cpu: Cpu.Pool<Work>

interface Tree {
  readonly value: number
  readonly children: ReadonlyArray<Tree>
}
class Point {
  readonly x = 1
  norm(): number {
    return this.x
  }
}
interface Shapes {
  plain(a: {
    readonly b: ReadonlyArray<string | null>
    readonly c?: bigint
  }): [Date, ...Array<RegExp>]
  recursive(tree: Tree): Promise<Tree>
  buffers(data: Float64Array, shared: SharedArrayBuffer): Buffer
  collections(map: ReadonlyMap<string, Set<number>>): Map<string, Error>
  anything(value: unknown): object
  nothing(): void
  fails(): never
  id: <A>(value: A) => A
  callback(f: () => void): void
  optionalCallback(options: { readonly onStep?: () => void }): void
  instance(): Point
  option(): Option.Option<number>
  effect(): Effect.Effect<number>
  symbol(): symbol
  inside(map: Map<string, () => void>): void
  value: number
  Class: typeof Point
}

describe("types", () => {
  it("CPU2: arguments and result are those of the function, out of its promise", () => {
    expectTypeOf(() => cpu.run("fib", 30)).returns.toEqualTypeOf<
      Effect.Effect<number, CpuError.CpuError>
    >()
    expectTypeOf(() => cpu.run("later", "a", "b")).returns.toEqualTypeOf<
      Effect.Effect<string, CpuError.CpuError>
    >()
    expectTypeOf(() => cpu.run("later", "a")).toBeFunction()
    // @ts-expect-error a number is needed
    expectTypeOf(() => cpu.run("fib")).toBeFunction()
    // @ts-expect-error a number is needed
    expectTypeOf(() => cpu.run("fib", "30")).toBeFunction()
    // @ts-expect-error one argument is enough
    expectTypeOf(() => cpu.run("fib", 30, 31)).toBeFunction()
  })

  it("CPU2: only functions that the module exports can be named", () => {
    // @ts-expect-error there is no such export
    expectTypeOf(() => cpu.run("fibonacci", 30)).toBeFunction()
    // @ts-expect-error a number cannot be called
    expectTypeOf(() => cpu.run("notAFunction")).toBeFunction()
  })

  it("CPU2: functions whose arguments or result would not arrive as they are cannot be named", () => {
    // @ts-expect-error a callback stays on its thread
    expectTypeOf(() => cpu.run("withCallback", () => {})).toBeFunction()
    expectTypeOf<Cpu.FunctionName<Shapes>>().toEqualTypeOf<
      "plain" | "recursive" | "buffers" | "collections" | "anything" | "nothing" | "fails" | "id"
    >()
  })
})

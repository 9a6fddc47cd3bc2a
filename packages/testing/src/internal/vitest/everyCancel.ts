/** The body of `it.sim.everyCancel`: a program, interrupted once at each of its suspensions. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as V from "vitest"
import * as Simulation from "../../Simulation.ts"
import type { Environment, Replay } from "./environment.ts"
import type { SimFailure } from "./report.ts"
import * as SimTest from "./simTest.ts"

interface Plan {
  /** What is interrupted. It may end before it is, and then ends as it does without. */
  readonly program: Effect.Effect<unknown, unknown, Scope.Scope>
  /** What must be the same before the program and after it, by deep equality. */
  readonly observe?: Effect.Effect<unknown>
  /** What must succeed after the program. */
  readonly check?: Effect.Effect<unknown, unknown, Scope.Scope>
}

export type Setup = Effect.Effect<Plan, unknown, Scope.Scope>

/** More suspensions than this, and the test would not end: its program is too large for it. */
const suspensionsMax = 2_000

class TooManySuspensions extends Data.TaggedError("TooManySuspensions")<{
  readonly suspensions: number
}> {
  override get message(): string {
    return `The program suspends ${this.suspensions} times, more than ${suspensionsMax}: make it smaller.`
  }
}

export const run = (
  setup: () => Setup,
  options: SimTest.Options,
  seedsDefault: number,
  { replay, seeds }: Environment
): Effect.Effect<void, SimFailure> => {
  const attempt = Effect.fnUntraced(function* (replay: Replay, suspensions?: number) {
    const { interruptAt, token } = replay
    const whole = watch(setup, interruptAt !== undefined)
    const result = yield* Simulation.run(whole, { ...options, seed: token, interruptAt })
    const cause = causeOf(result, interruptAt !== undefined)
    if (cause === undefined) return result.suspensions
    const of = suspensions === undefined ? "" : ` of ${suspensions}`
    const where =
      interruptAt === undefined
        ? "not interrupted"
        : `interrupted at suspension ${interruptAt}${of}`
    return yield* Effect.fail({ failed: SimTest.toFailed(replay, result, cause), replay, where })
  })
  const everySuspension = Effect.fnUntraced(function* (token: string) {
    const suspensions = yield* attempt({ token, interruptAt: undefined })
    if (suspensions > suspensionsMax) {
      return yield* Effect.die(new TooManySuspensions({ suspensions }))
    }
    for (let at = 1; at <= suspensions; at++)
      yield* attempt({ token, interruptAt: at }, suspensions)
  })
  if (replay !== undefined) {
    return replay.interruptAt === undefined
      ? everySuspension(replay.token)
      : Effect.asVoid(attempt(replay))
  }
  // A seed is run dozens of times here, so a long run of the whole suite gets a tenth of its seeds.
  const longRun = seeds === undefined ? undefined : Math.ceil(seeds / 10)
  const seedsRun = longRun ?? options.seeds ?? seedsDefault
  const numbers = Array.from({ length: seedsRun }, (_, index) => String(index + 1))
  // First the plain schedule: most of what an interrupt breaks, it breaks there, where it is plain.
  return Effect.forEach(["1:", ...numbers], everySuspension, { discard: true })
}

/** The program between two observations, of which only the program can be interrupted. */
const watch = (setup: () => Setup, isInterrupted: boolean): Effect.Effect<void, unknown> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { check = Effect.void, observe = Effect.void, program } = yield* Effect.suspend(setup)
        const before = yield* observe
        const exit = yield* Effect.exit(Effect.scoped(restore(program)))
        if (Exit.isFailure(exit) && !(isInterrupted && Cause.hasInterruptsOnly(exit.cause))) {
          return yield* Effect.failCause(exit.cause)
        }
        const after = yield* observe
        yield* Effect.sync(() =>
          V.expect(after, "the observation after the program").toStrictEqual(before)
        )
        yield* check
      })
    )
  )

/** Like that of `it.sim`, but the interrupt that was sent is none. */
const causeOf = (
  result: Simulation.Result<unknown, unknown>,
  isInterrupted: boolean
): Cause.Cause<unknown> | undefined => {
  const { exit } = result
  const isOurs = isInterrupted && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
  return SimTest.causeOf(isOurs ? { ...result, exit: Exit.void } : result)
}

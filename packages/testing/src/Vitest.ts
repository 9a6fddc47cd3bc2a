/**
 * Tests for vitest that run a program in many orders, and interrupt it everywhere.
 *
 * This module imports vitest, which `@fibra/testing` needs for nothing else: it is therefore not part
 * of the package's index. Import it as `@fibra/testing/Vitest`, in tests.
 *
 * `FIBRA_SEEDS=10000` runs that many seeds of each test, of `everyCancel` a tenth, without a time
 * limit. `FIBRA_SEED=…` runs one, as a failure has printed it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as V from "vitest"
import * as EveryCancel from "./internal/vitest/everyCancel.ts"
import * as SimTest from "./internal/vitest/simTest.ts"
import * as Tester from "./internal/vitest/tester.ts"

/**
 * How a test is run: `seeds` of them (default 100; of `everyCancel` 10), each with the `preemption`,
 * `order` and `stepsMax` of `Simulation.run`, within the `timeout` of vitest.
 *
 * @since 0.1.0
 */
export type SimOptions = Tester.Options

/**
 * A program, whose scope is closed at its end; or a function that is called for each run.
 *
 * @since 0.1.0
 */
export type Program =
  | Effect.Effect<unknown, unknown, Scope.Scope>
  | (() => Effect.Effect<unknown, unknown, Scope.Scope>)

/**
 * What `everyCancel` needs: an effect of the program, and of what must hold around it.
 *
 * It runs anew for each run; the program alone is interrupted.
 *
 * @since 0.1.0
 */
export type CancelSetup = EveryCancel.Setup | (() => EveryCancel.Setup)

/**
 * Runs a program in many orders. A failure, a defect, a deadlock, a livelock, or a fiber or a timer
 * that is left when it ends, in any of them, fails the test.
 *
 * ```typescript
 * it.sim("SEM1: no more than two hold a permit", program, { seeds: 1_000 })
 * ```
 *
 * @since 0.1.0
 */
export interface Sim extends Tester.Tester<Program> {
  /**
   * Runs a program, and again for each of its suspensions, interrupting it there. It fails like
   * `sim`, and when afterwards the observation is not what it was before, or the check fails.
   *
   * ```typescript
   * it.sim.everyCancel(
   *   "SEM2: an interrupt loses no permit",
   *   Effect.map(Semaphore.make(2), (semaphore) => ({
   *     program: semaphore.withPermit(Effect.sleep("1 second")),
   *     observe: semaphore.snapshot
   *   }))
   * )
   * ```
   */
  readonly everyCancel: Tester.Tester<CancelSetup>
}

/**
 * Adds `sim` to an `it`, such as that of `@effect/vitest`, which is itself left as it is.
 *
 * @since 0.1.0
 */
export const withSim = <It extends V.TestAPI>(base: It): It & { readonly sim: Sim } => {
  const sim = Object.assign(
    Tester.make<Program>(base, (program, options, environment) =>
      SimTest.run(Effect.isEffect(program) ? () => program : program, options, 100, environment)
    ),
    {
      everyCancel: Tester.make<CancelSetup>(base, (setup, options, environment) =>
        EveryCancel.run(Effect.isEffect(setup) ? () => setup : setup, options, 10, environment)
      )
    }
  )
  // A proxy, because vitest makes `it.skip` and the like anew whenever they are read.
  return new Proxy(base as It & { readonly sim: Sim }, {
    get: (target, name, receiver) => (name === "sim" ? sim : Reflect.get(target, name, receiver))
  })
}

/**
 * The `it` of vitest, with `sim`.
 *
 * @since 0.1.0
 */
export const it: V.TestAPI & { readonly sim: Sim } = withSim(V.it)

/** Turns what runs a body into what declares vitest's tests of such bodies. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as V from "vitest"
import * as Environment from "./environment.ts"
import * as Report from "./report.ts"
import type * as SimTest from "./simTest.ts"

export interface Options extends SimTest.Options {
  /** The limit of real time for the whole test. Default: that of vitest; none with `FIBRA_SEEDS`. */
  readonly timeout?: Duration.Input
}

type Declare<Body> = (title: string, body: Body, options?: Options) => void

export interface Tester<Body> extends Declare<Body> {
  readonly skip: Declare<Body>
  readonly only: Declare<Body>
  /** The test passes when it fails. */
  readonly fails: Declare<Body>
  readonly skipIf: (condition: boolean) => Declare<Body>
  readonly runIf: (condition: boolean) => Declare<Body>
  /** A test for each value; `%s` and the like stand for it in the title. */
  readonly each: <Value>(values: ReadonlyArray<Value>) => Declare<(value: Value) => Body>
}

type Register = (title: string, options: V.TestOptions, test: V.TestFunction) => void

type Run<Body> = (
  body: Body,
  options: SimTest.Options,
  environment: Environment.Environment
) => Effect.Effect<void, Report.SimFailure>

export const make = <Body>(base: V.TestAPI, run: Run<Body>): Tester<Body> => {
  const start = (body: Body, options: Options, { signal, task }: V.TestContext) =>
    Environment.read.pipe(
      Effect.flatMap((environment) =>
        Effect.mapError(run(body, options, environment), (failure) =>
          Report.toError(failure, environment, task)
        )
      ),
      (test) => Effect.runPromise(test, { signal })
    )
  const declare =
    (test: Register): Declare<Body> =>
    (title, body, options = {}) =>
      test(title, vitestOptions(options), (context) => start(body, options, context))
  return Object.assign(declare(base), {
    skip: declare(base.skip),
    only: declare(base.only),
    fails: declare(base.fails),
    skipIf: (condition: boolean) => declare(base.skipIf(condition)),
    runIf: (condition: boolean) => declare(base.runIf(condition)),
    each:
      <Value>(values: ReadonlyArray<Value>): Declare<(value: Value) => Body> =>
      (title, body, options = {}) =>
        base.for(values)(title, vitestOptions(options), (value, context) =>
          start(body(value), options, context)
        )
  })
}

const vitestOptions = ({ timeout }: Options): V.TestOptions => {
  if (timeout !== undefined) return { timeout: Duration.toMillis(timeout) }
  return Effect.runSync(Environment.isLongRun) ? { timeout: 0 } : {}
}

/** What `FIBRA_SEEDS` and `FIBRA_SEED` say: the one place that reads the environment. */
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

export interface Environment {
  /** How many seeds to run instead of what the test says. */
  readonly seeds: number | undefined
  readonly replay: Replay | undefined
  /** The command that this process runs under, to run it again. */
  readonly command: string
}

/** One run: the token of a simulation, and the suspension at which to interrupt it. */
export interface Replay {
  readonly token: string
  readonly interruptAt: number | undefined
}

/** A variable of the environment that means nothing. */
export class BadVariable extends Data.TaggedError("BadVariable")<{
  readonly name: string
  readonly value: string
  readonly expected: string
}> {
  override get message(): string {
    return `${this.name} is "${this.value}", but must be ${this.expected}`
  }
}

const variable = (name: string) =>
  Config.String(name).pipe(Config.option, Effect.map(Option.getOrUndefined), Effect.orDie)

/** Reads the environment, or what a `ConfigProvider` says in its place. */
export const read: Effect.Effect<Environment, BadVariable> = Effect.gen(function* () {
  const [seeds, token] = [yield* variable("FIBRA_SEEDS"), yield* variable("FIBRA_SEED")]
  const script = yield* variable("npm_lifecycle_event")
  return {
    seeds: seeds === undefined ? undefined : yield* parseSeeds(seeds),
    replay: token === undefined ? undefined : yield* parseReplay(token),
    command: script === undefined || script === "npx" ? "npx vitest run" : `npm run ${script} --`
  }
})

/** Whether somebody asked for more seeds than a test does by itself. */
export const isLongRun: Effect.Effect<boolean> = Effect.map(
  variable("FIBRA_SEEDS"),
  (seeds) => seeds !== undefined
)

const parseSeeds = (value: string): Effect.Effect<number, BadVariable> => {
  const seeds = Number(value)
  const expected = "a positive integer: how many seeds to run"
  return Number.isSafeInteger(seeds) && seeds > 0
    ? Effect.succeed(seeds)
    : Effect.fail(new BadVariable({ name: "FIBRA_SEEDS", value, expected }))
}

const parseReplay = (value: string): Effect.Effect<Replay, BadVariable> => {
  const [, token, at] = /^(\d+(?::[^@\s]*)?)(?:@(\d+))?$/.exec(value) ?? []
  const expected = "what a failure printed, such as 17 or 17:p2.5"
  return token === undefined
    ? Effect.fail(new BadVariable({ name: "FIBRA_SEED", value, expected }))
    : Effect.succeed({ token, interruptAt: at === undefined ? undefined : Number(at) })
}

/** How a failure says which run it was. */
export const formatReplay = ({ interruptAt, token }: Replay): string =>
  interruptAt === undefined ? token : `${token}@${interruptAt}`

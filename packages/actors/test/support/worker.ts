/** An actor that can be made to end in every way, and a log of what becomes of it. */
import { Effect, Exit, Schema, type Scope } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Behavior } from "@fibra/actors"
import { cellOf } from "../../src/internal/localRef.ts"

export const Work = RpcGroup.make(
  Rpc.make("Work", { payload: { n: Schema.Int }, success: Schema.Int }),
  Rpc.make("Crash", { payload: { why: Schema.String } }),
  Rpc.make("Leave"),
  Rpc.make("Hang")
)

export const makeLog = () => {
  const log: Array<string> = []
  /** Inits that are to fail, one after the other. */
  const failing = new Map<string, Array<unknown>>()
  /** What happened since it was asked for the last time. */
  const news = (): ReadonlyArray<string> => log.splice(0)

  const worker = (
    name: string,
    before: (
      context: Behavior.ActorContext<RpcGroup.Rpcs<typeof Work>>
    ) => Effect.Effect<unknown, unknown, Scope.Scope> = () => Effect.void
  ) =>
    Behavior.make(
      Work,
      (context) =>
        Effect.gen(function* () {
          yield* before(context)
          const why = failing.get(name)?.shift()
          if (why !== undefined) {
            log.push(`${name} fails`)
            return yield* Effect.fail(why)
          }
          yield* Effect.acquireRelease(
            Effect.sync(() => log.push(`start ${name}`)),
            (_, exit) =>
              Effect.sync(() => log.push(`${Exit.isSuccess(exit) ? "stop" : "end"} ${name}`))
          )
          return 0
        }),
      {
        Work: ({ n }, total) => Effect.succeed([total + n, total + n] as const),
        Crash: ({ why }) => Effect.die(why),
        Leave: (_, total, context) => Effect.as(context.stop, [undefined, total] as const),
        Hang: () => Effect.never
      }
    )
  return { failing, log, news, worker }
}

/** How many watch an actor. */
export const watchersOf = (ref: unknown): number => cellOf(ref)?.more?.watchers.size ?? 0

/** On a virtual clock time passes when nothing else can happen. */
export const settle = Effect.sleep("1 millis")

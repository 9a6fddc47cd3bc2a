/** Runs a lesson as it is: real time, real files, real sockets on 127.0.0.1. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Data, Duration, Effect, Exit, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import type { Lesson } from "./Lesson.ts"

/** What a run has come to. */
export interface Ran {
  readonly lines: ReadonlyArray<string>
  readonly exit: Exit.Exit<void, unknown>
}

/** A lesson that takes longer than this hangs. */
const defaultLimit = Duration.seconds(20)

class LessonHangs extends Data.TaggedError("LessonHangs")<{
  readonly limit: Duration.Duration
}> {
  override get message(): string {
    return `did not end within ${Duration.format(this.limit)}`
  }
}

/** Runs it to its end, and collects what it prints. Its files, servers and workers are gone then. */
export const run = (lesson: Lesson, timeLimit: Duration.Input = defaultLimit): Effect.Effect<Ran> =>
  Effect.gen(function* () {
    const limit = Duration.fromInputUnsafe(timeLimit)
    const lines: Array<string> = []
    const { main } = yield* Effect.promise(lesson.load)
    const exit = yield* main.pipe(
      Effect.scoped,
      Effect.timeoutOrElse({
        duration: limit,
        orElse: () => Effect.fail(new LessonHangs({ limit }))
      }),
      Effect.provide(Layer.mergeAll(NodeServices.layer, FetchHttpClient.layer)),
      Effect.provideService(Console.Console, printingTo(lines)),
      Effect.exit
    )
    return { lines, exit }
  })

/** A console whose lines are kept. */
export const printingTo = (lines: Array<string>): Console.Console => {
  const print = (...words: ReadonlyArray<unknown>) => void lines.push(words.map(String).join(" "))
  return Object.assign(Object.create(console), { log: print, error: print })
}

/** What went wrong, in words for people. */
export const problemOf = (exit: Exit.Exit<unknown, unknown>): string | undefined =>
  Exit.isSuccess(exit)
    ? undefined
    : Cause.prettyErrors(exit.cause)
        .map(({ message }) => message)
        .join("; ") || "it was interrupted"

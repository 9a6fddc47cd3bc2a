/** What a lesson is: a program that shows one idea and asserts it, and what there is to say of it. */
import type * as NodeServices from "@effect/platform-node/NodeServices"
import type { Effect, Scope } from "effect"
import type { HttpClient } from "effect/http"

/** What every lesson may use without providing it. */
type Services = NodeServices.NodeServices | HttpClient.HttpClient | Scope.Scope

export interface Lesson {
  /** Its number and name, and the name of its files: `lessons/05-semaphore.ts`. */
  readonly file: string
  readonly title: string
  /** What does the work, and why this and not something else. */
  readonly uses: string
  /** What somebody who knows asyncio should notice. */
  readonly differences: ReadonlyArray<string>
  /** Whether there is the same in Python beside it, and whether that prints the same lines. */
  readonly twin: "same" | "differs" | "none"
  /** Why it prints other lines on purpose, where the twin differs. */
  readonly printsOtherwise?: string
  /**
   * What takes part from outside of the program: nothing, a network or disk that can be in memory when
   * the lesson is drawn, or what is only there for real, such as threads.
   */
  readonly outside: "none" | "simulated" | "real"
  readonly load: () => Promise<{ readonly main: Effect.Effect<void, unknown, Services> }>
}

export interface Chapter {
  /** The name of its page: `docs/guide/NAME.md`. */
  readonly name: string
  readonly title: string
  readonly lessons: ReadonlyArray<Lesson>
}

/** `semaphore` of `05-semaphore`. */
export const nameOf = ({ file }: Lesson): string => file.slice(file.indexOf("-") + 1)

/** Stdout for what a command was asked for, stderr for what there is to say about it. */
import * as Program from "@fibra/cli/Program"
import * as Effect from "effect/Effect"

/** Returns when the reader has taken it. When there is no reader any more, the program is being stopped. */
export const print = (content: string | Uint8Array): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stdout.write(content, () => resume(Effect.void))
  })

/** One line in which nothing can steer the terminal. */
export const printLine = (text: string): Effect.Effect<void> =>
  print(`${Program.printable(text)}\n`)

export const printJson = (value: unknown): Effect.Effect<void> =>
  print(`${JSON.stringify(value)}\n`)

/** One line for people. */
export const say = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stderr.write(`${Program.printable(text)}\n`, () => resume(Effect.void))
  })

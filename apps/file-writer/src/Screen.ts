/** Stderr, for people: lines that stay, and on a terminal one line that changes. */
import { Program } from "@fibra/cli"
import { Effect, Logger } from "effect"

export interface Screen {
  /** Prints one line; nothing in the text can steer the terminal. */
  readonly line: (text: string) => Effect.Effect<void>
  /** Shows a text in the place of the one before. */
  readonly live: (text: string) => Effect.Effect<void>
  /** Prints a text as it is. */
  readonly raw: (text: string) => Effect.Effect<void>
  readonly isTerminal: boolean
  /** Prints what the parts of the program log, as lines. */
  readonly logger: Logger.Logger<unknown, void>
}

export const make = (): Screen => {
  const isTerminal = process.stderr.isTTY === true
  let isLive = false
  const print = (text: string) =>
    Effect.callback<void>((resume) => {
      // When nobody reads stderr, there is nobody to tell.
      process.stderr.write(text, () => resume(Effect.void))
    })
  const clear = () => {
    const codes = isLive ? "\r\u001b[2K" : ""
    isLive = false
    return codes
  }
  return {
    isTerminal,
    logger: Logger.make(({ logLevel, message }) => {
      const text = Array.isArray(message) ? message.join(" ") : String(message)
      process.stderr.write(`${clear()}${logLevel.toLowerCase()}: ${Program.printable(text)}\n`)
    }),
    raw: print,
    line: (text) => Effect.suspend(() => print(`${clear()}${Program.printable(text)}\n`)),
    live: (text) =>
      Effect.suspend(() => {
        const codes = clear()
        isLive = true
        return print(codes + text.slice(0, (process.stderr.columns ?? 80) - 1))
      })
  }
}

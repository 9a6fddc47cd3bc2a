/** Writes to stdout, one text at a time, as fast as its reader takes them. */
import { Data, Effect } from "effect"

export class StdoutFailed extends Data.TaggedError("StdoutFailed")<{
  readonly cause: Error & { readonly code?: string | undefined }
}> {
  override get message(): string {
    return this.cause.code === "EPIPE"
      ? "the reader of stdout went away"
      : `cannot write to stdout: ${this.cause.message}`
  }
}

/** Returns when the system has taken the whole text. */
export const write = (text: string): Effect.Effect<void, StdoutFailed> =>
  Effect.callback((resume) => {
    process.stdout.write(text, (cause) =>
      resume(cause == null ? Effect.void : Effect.fail(new StdoutFailed({ cause })))
    )
  })

import * as Data from "effect/Data"

export class InvalidNet extends Data.TaggedError("InvalidNet")<{
  /** Which host, name or option, as it was written. */
  readonly subject: string
  readonly problem: string
}> {
  override get message(): string {
    return `SimNet: ${this.subject} ${this.problem}`
  }
}

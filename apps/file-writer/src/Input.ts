/** The bytes to read: those of a file, of a pipe, or of stdin. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Data, Stream } from "effect"
import { createReadStream } from "node:fs"

export class InputFailed extends Data.TaggedError("InputFailed")<{
  readonly from: string
  readonly cause: unknown
}> {
  override get message(): string {
    const reason = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return `cannot read ${this.from === "-" ? "stdin" : this.from}: ${reason}`
  }
}

const readBytesMax = 64 * 1024

/** `-` is stdin. Bytes are read only as they are asked for. */
export const bytesOf = (from: string): Stream.Stream<Uint8Array, InputFailed> =>
  NodeStream.fromReadable({
    evaluate: () =>
      from === "-" ? process.stdin : createReadStream(from, { highWaterMark: readBytesMax }),
    onError: (cause) => new InputFailed({ from, cause }),
    closeOnDone: from !== "-"
  })

/** Opens what was packed with gzip, recognised by its first bytes and not by its name. */
import * as Result from "effect/Result"
import { constants, gunzipSync } from "node:zlib"
import { thousands } from "./thousands.ts"

/** What is packed in what is packed: more is not done by honest people. */
const nestedMax = 2

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Bytes that are not packed stay as they are; of a file that is cut off, what came is read. */
export const gunzip = (bytes: Uint8Array, bytesMax: number): Result.Result<Uint8Array, string> => {
  let opened = bytes
  for (let nested = 0; isGzip(opened) && nested < nestedMax; nested++) {
    const next = Result.try({
      try: () =>
        gunzipSync(opened, { maxOutputLength: bytesMax, finishFlush: constants.Z_SYNC_FLUSH }),
      catch: (cause) =>
        cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE"
          ? tooLarge(bytesMax)
          : "damaged gzip"
    })
    if (Result.isFailure(next)) return Result.fail(next.failure)
    opened = next.success
  }
  return opened.length > bytesMax ? Result.fail(tooLarge(bytesMax)) : Result.succeed(opened)
}

const tooLarge = (bytesMax: number): string => `larger than ${thousands(bytesMax)} bytes`

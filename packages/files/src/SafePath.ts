/**
 * Paths that come from data, and must not lead out of the directory that they belong to.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/**
 * The path could lead out of its directory, or no system would take it.
 *
 * @since 0.1.0
 */
export class UnsafePath extends Data.TaggedError("UnsafePath")<{
  readonly path: string
  readonly reason: string
}> {
  override get message(): string {
    return `${JSON.stringify(this.path)} is no safe path: ${this.reason}`
  }
}

/** Bytes of one name that file systems take, less what we put after it. */
const nameBytesMax = 200

/**
 * Checks a relative path whose names are separated by `/`, and returns it unchanged.
 *
 * Refused are the empty path, absolute paths, `.` and `..`, empty names, backslashes, colons, control
 * characters, halves of characters, and names of more than 200 bytes. Links in the directory are not
 * looked at: nobody but its owner makes them.
 *
 * ```ts
 * SafePath.parse("2024/rows.jsonl") // => Result.succeed("2024/rows.jsonl")
 * const error = Result.merge(SafePath.parse("../etc/passwd"))
 * String(error) // => 'UnsafePath: "../etc/passwd" is no safe path: it contains ..'
 * ```
 *
 * @since 0.1.0
 */
export const parse = (path: string): Result.Result<string, UnsafePath> => {
  if (path.startsWith("/")) return Result.fail(new UnsafePath({ path, reason: "it is absolute" }))
  for (const name of path.split("/")) {
    const reason = whyUnsafe(name)
    if (reason !== undefined) return Result.fail(new UnsafePath({ path, reason }))
  }
  return Result.succeed(path)
}

const whyUnsafe = (name: string): string | undefined => {
  if (name === "") return "a name in it is empty"
  if (name === "." || name === "..") return `it contains ${name}`
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\\:\u0000-\u001f\u007f]/.test(name)) return "a character in it is not allowed"
  if (!name.isWellFormed()) return "it is not Unicode"
  return encoder.encode(name).length > nameBytesMax ? "a name in it is too long" : undefined
}

const encoder = new TextEncoder()

/** Small steps on a disk, for tests. */
import { Effect, type FileSystem, type PlatformError, Predicate } from "effect"

type Fs = FileSystem.FileSystem
type Call<A> = Effect.Effect<A, PlatformError.PlatformError>

export const bytes = (text: string) => new TextEncoder().encode(text)

/** Opens, does something, and closes. */
export const withFile = <A, E>(
  fs: Fs,
  path: string,
  flag: FileSystem.OpenFlag,
  use: (file: FileSystem.File) => Effect.Effect<A, E>
): Effect.Effect<A, E | PlatformError.PlatformError> =>
  Effect.scoped(Effect.flatMap(fs.open(path, { flag }), use))

export const append = (fs: Fs, path: string, text: string): Call<void> =>
  withFile(fs, path, "a", (file) => file.writeAll(bytes(text)))

/** Makes a file durable, or the names in a directory. */
export const sync = (fs: Fs, path: string): Call<void> =>
  withFile(fs, path, "r", (file) => file.sync)

/** Writes a file that no crash takes away. */
export const writeDurably = (fs: Fs, path: string, text: string): Call<void> =>
  fs
    .writeFileString(path, text)
    .pipe(
      Effect.andThen(sync(fs, path)),
      Effect.andThen(sync(fs, path.slice(0, Math.max(1, path.lastIndexOf("/")))))
    )

/** Every file of a disk by its path, and its text; `null` for a directory. */
export const contents = (fs: Fs): Call<Readonly<Record<string, string | null>>> =>
  Effect.gen(function* () {
    const found: Record<string, string | null> = {}
    for (const name of (yield* fs.readDirectory("/", { recursive: true })).toSorted()) {
      const path = `/${name}`
      const { type } = yield* fs.lstat(path)
      found[path] = type === "Directory" ? null : yield* fs.readFileString(path)
    }
    return found
  })

export const codeOf = ({ reason }: PlatformError.PlatformError): unknown =>
  Predicate.hasProperty(reason.cause, "code") ? reason.cause.code : reason._tag

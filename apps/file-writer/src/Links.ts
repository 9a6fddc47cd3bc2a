/** Symbolic links in a directory must not lead out of it what is written there. */
import { Effect, FileSystem, Option } from "effect"
import { join, resolve, sep } from "node:path"

/** Says why a relative path leads out, if it does. */
export type LeadsOut = (path: string) => Effect.Effect<string | undefined>

/** Directories that are remembered not to lead out. */
const knownMax = 10_000

export const make = Effect.fnUntraced(function* (
  directory: string
): Effect.fn.Return<LeadsOut, never, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const root = resolve(directory)
  const known = new Set<string>()

  const isInside = Effect.fnUntraced(function* (link: string) {
    const [inside, target] = yield* Effect.all([fs.realPath(root), fs.realPath(link)])
    return target === inside || target.startsWith(`${inside}${sep}`)
  })

  // What cannot be looked at is no link: writing to it says why. A link that leads nowhere is one out.
  const look = Effect.fnUntraced(function* (path: string) {
    const found = Option.getOrUndefined(yield* Effect.option(fs.lstat(path)))
    if (found?.type !== "SymbolicLink") return found?.type
    const leadsIn = yield* Effect.orElseSucceed(isInside(path), () => false)
    return leadsIn ? "Directory" : "SymbolicLink"
  })

  return Effect.fnUntraced(function* (path) {
    let at = root
    for (const name of path.split("/")) {
      at = join(at, name)
      if (known.has(at)) continue
      const type = yield* look(at)
      if (type === "SymbolicLink") return `a symbolic link, ${at}, leads out of ${directory}`
      if (type === undefined) return undefined
      if (type === "Directory" && known.size < knownMax) known.add(at)
    }
    return undefined
  })
})

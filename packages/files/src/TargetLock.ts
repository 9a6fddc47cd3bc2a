/**
 * One writer for each target: of all processes that ask, one gets the lock, and the others are told who has it.
 *
 * A writer puts an empty file `PATH.lock-HOST-BOOT-PID-START` beside its target, and then looks whether
 * there is another one. Files of processes that are gone are removed.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as ProcessIdentity from "./internal/processIdentity.ts"

/**
 * The process that has a target.
 *
 * @since 0.1.0
 */
export interface Holder {
  readonly pid: number
  readonly host: string
  /** Whether that is the machine, or the container, of this process, so that it can be sent a signal. */
  readonly isHere: boolean
  readonly lockPath: string
}

/**
 * Another writer has the target.
 *
 * A lock of another machine or container is never taken to be stale, since nobody here can know.
 *
 * @since 0.1.0
 */
export class TargetLocked extends Data.TaggedError("TargetLocked")<{
  readonly path: string
  /** The process that has it; `undefined` when it is this one. */
  readonly holder: Holder | undefined
}> {
  override get message(): string {
    if (this.holder === undefined) return `${this.path} is being written by this process already`
    const { host, lockPath, pid } = this.holder
    return `${this.path} is being written by process ${pid} of ${host}; if that is gone, remove ${lockPath}`
  }
}

/**
 * What was found when a lock was taken.
 *
 * @since 0.1.0
 */
export interface Taken {
  /** Whether a writer had the lock, and was killed: what it wrote last may be torn. */
  readonly wasKilled: boolean
}

/**
 * Holds the lock of a target until the scope closes. The directory of the target must be there.
 *
 * Two that ask in the same instant may see each other; both then try again, three times at the most.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/rows.jsonl`
 * yield* TargetLock.acquire(path) // => { wasKilled: false }
 * const second = yield* Effect.flip(TargetLock.acquire(path))
 * second._tag // => "TargetLocked"
 * ```
 *
 * @since 0.1.0
 */
export const acquire = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<
  Taken,
  TargetLocked | PlatformError,
  FileSystem.FileSystem | Path.Path | Scope.Scope
> {
  const fs = yield* FileSystem.FileSystem
  if (held.has(path)) return yield* new TargetLocked({ path, holder: undefined })
  held.add(path)
  const release = Effect.sync(() => held.delete(path))
  const [lock, taken] = yield* Effect.gen(function* () {
    const us = yield* ProcessIdentity.ours
    const taken = yield* Effect.retry(put(path, us), {
      while: ({ _tag }) => _tag === "TargetLocked",
      times: 3,
      schedule: Schedule.jittered(Schedule.spaced("30 millis"))
    })
    return [nameOf(path, us), taken] as const
  }).pipe(Effect.onError(() => release))
  yield* Effect.addFinalizer(() => Effect.ensuring(Effect.ignore(fs.remove(lock)), release))
  return taken
}, Effect.uninterruptible)

/**
 * What the lock files of a target say, without taking it: who has it, or whether a writer was killed.
 *
 * ```ts
 * const fs = yield* FileSystem.FileSystem
 * const path = `${yield* fs.makeTempDirectoryScoped()}/rows.jsonl`
 * yield* TargetLock.look(path) // => { holder: undefined, wasKilled: false }
 * ```
 *
 * @since 0.1.0
 */
export const look = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<
  Taken & { readonly holder: Holder | undefined },
  PlatformError,
  FileSystem.FileSystem | Path.Path
> {
  const us = yield* ProcessIdentity.ours
  let wasKilled = false
  for (const { lockPath, process } of yield* locksOf(path)) {
    if (
      nameOf(path, process) === nameOf(path, us) ||
      (yield* ProcessIdentity.mayRun(process, us))
    ) {
      return { holder: holderOf(lockPath, process, us), wasKilled: false }
    }
    wasKilled = true
  }
  return { holder: undefined, wasKilled }
})

/** A lock file cannot keep a process from itself. All runs share this: it is about the process. */
const held = new Set<string>()

const put = Effect.fnUntraced(function* (path: string, us: ProcessIdentity.Identity) {
  const fs = yield* FileSystem.FileSystem
  const mine = nameOf(path, us)
  // Left by an earlier life of this very process, or of one that cannot be told from it.
  const isThere = yield* fs.exists(mine)
  yield* fs.writeFile(mine, new Uint8Array())
  // Whoever comes later sees the file above, and of two that come at once at least one sees both.
  const removed = yield* refuseIfHeld(path, us).pipe(
    Effect.onError(() => Effect.ignore(fs.remove(mine)))
  )
  return { wasKilled: isThere || removed }
})

/** Removes the locks of those that are gone, and says whether there were any. */
const refuseIfHeld = Effect.fnUntraced(function* (path: string, us: ProcessIdentity.Identity) {
  const fs = yield* FileSystem.FileSystem
  let removed = false
  for (const { lockPath, process } of yield* locksOf(path)) {
    if (nameOf(path, process) === nameOf(path, us)) continue
    if (yield* ProcessIdentity.mayRun(process, us)) {
      return yield* new TargetLocked({ path, holder: holderOf(lockPath, process, us) })
    }
    yield* fs.remove(lockPath, { force: true })
    removed = true
  }
  return removed
})

const locksOf = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const directory = paths.dirname(path)
  const prefix = paths.basename(nameOf(path))
  const names = yield* fs.readDirectory(directory)
  return names.flatMap((name) => {
    const process = name.startsWith(prefix) ? parse(name.slice(prefix.length)) : undefined
    return process === undefined ? [] : [{ lockPath: paths.join(directory, name), process }]
  })
})

const holderOf = (
  lockPath: string,
  { boot, host, pid }: ProcessIdentity.Identity,
  us: ProcessIdentity.Identity
): Holder => ({
  pid: Number(pid),
  host,
  isHere: host === us.host && boot === us.boot,
  lockPath
})

const nameOf = (path: string, of?: ProcessIdentity.Identity): string =>
  `${path}.lock-` + (of === undefined ? "" : [of.host, of.boot, of.pid, of.start].join("-"))

const parse = (text: string): ProcessIdentity.Identity | undefined => {
  const parts = text.split("-")
  const [host, boot, pid, start] = parts
  if (parts.length !== 4 || !host || !boot || !pid || !start || !/^\d+$/.test(pid)) return undefined
  return { host, boot, pid, start }
}

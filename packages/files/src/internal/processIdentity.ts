/** Tells processes apart, also those that are gone and those whose number was given away again. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Predicate from "effect/Predicate"

/** Texts of letters, digits and dots, so that they fit into the name of a file. */
export interface Identity {
  /** The machine, or the container. */
  readonly host: string
  /** Since its last start. */
  readonly boot: string
  readonly pid: string
  /** When the process started, in the units of the system. */
  readonly start: string
}

/** This process. Where the system has no `/proc`, machine, boot and start are `0`. */
export const ours: Effect.Effect<Identity, never, FileSystem.FileSystem> = Effect.gen(function* () {
  const host = yield* read("/proc/sys/kernel/hostname")
  const boot = yield* read("/proc/sys/kernel/random/boot_id")
  const pid = String(globalThis.process?.pid ?? 0)
  const { start } = yield* statOf(pid)
  return { host: plain(host), boot: plain(boot.slice(0, 8)), pid, start }
})

/** Whether another process can still be running. What cannot be known counts as running. */
export const mayRun = Effect.fnUntraced(function* (
  other: Identity,
  us: Identity
): Effect.fn.Return<boolean, never, FileSystem.FileSystem> {
  if (other.host !== us.host) return true
  if (other.boot !== us.boot || !exists(other.pid)) return false
  const stat = yield* statOf(other.pid)
  return !stat.isZombie && (stat.start === "0" || stat.start === other.start)
})

/**
 * Fields of `/proc/PID/stat`, of which the second is a name in parentheses, with any character, and the
 * 22nd the time of the start. A zombie runs no more: its parent has not asked yet how it ended, and one
 * that is the first process of a container may never ask.
 */
const statOf = (pid: string) =>
  Effect.map(read(`/proc/${pid}/stat`), (stat) => {
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { isZombie: fields[0] === "Z", start: plain(fields[22 - 3] ?? "") }
  })

const read = (path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return (yield* fs.readFileString(path)).trim()
  }).pipe(Effect.orElseSucceed(() => ""))

const plain = (text: string) => text.replaceAll(/[^A-Za-z0-9.]/g, ".").slice(0, 40) || "0"

/** Signal 0 asks whether there is such a process; one of another user refuses, so it is there. */
const exists = (pid: string): boolean => {
  const { process } = globalThis
  if (process === undefined) return true
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return !(Predicate.hasProperty(error, "code") && error.code === "ESRCH")
  }
}

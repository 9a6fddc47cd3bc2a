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
  return { host: plain(host), boot: plain(boot.slice(0, 8)), pid, start: yield* startOf(pid) }
})

/** Whether another process can still be running. What cannot be known counts as running. */
export const mayRun = Effect.fnUntraced(function* (
  other: Identity,
  us: Identity
): Effect.fn.Return<boolean, never, FileSystem.FileSystem> {
  if (other.host !== us.host) return true
  if (other.boot !== us.boot || !exists(other.pid)) return false
  const start = yield* startOf(other.pid)
  return start === "0" || start === other.start
})

/** The 22nd field of `/proc/PID/stat`; the second one is a name in parentheses, with any character. */
const startOf = (pid: string) =>
  Effect.map(read(`/proc/${pid}/stat`), (stat) => {
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return plain(fields[22 - 3] ?? "")
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

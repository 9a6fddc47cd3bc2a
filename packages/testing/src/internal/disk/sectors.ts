/**
 * The bytes of one file, twice: as the page cache shows them, and as they are on the disk.
 *
 * A write changes the cache only. What of it is on the disk after a crash is decided sector by
 * sector: a sector is the most that a disk writes whole (512 bytes on real ones).
 */
import type { Dice } from "./dice.ts"

/** What a crash leaves of the bytes that no sync made durable. */
export type Fate =
  /** Nothing: the file as of its last sync. */
  | "lost"
  /** Everything, as if the system had written it back just before. */
  | "kept"
  /** The size of a truncation or of a new file, and no byte of data. */
  | "empty"
  /** The new size, and none of the data: new sectors are zeros, old ones are as they were. */
  | "zeros"
  /** The first sectors of what was written, and the size up to there. */
  | "prefix"
  /** Any size between, and any of the sectors that were written. */
  | "mixed"

export interface Sectors {
  readonly size: number
  /** A copy of the bytes from `start` to `end`, less when the file ends before. */
  read(start: number, end: number): Uint8Array
  write(position: number, bytes: Uint8Array): void
  truncate(size: number): void
  /** Makes durable what was written since the last `sync` or `drop`. */
  sync(): void
  /** Forgets that sectors were written: they stay in the cache, and no sync writes them. */
  drop(): void
  /** The file that is found after a crash. */
  survivor(fate: Fate, dice: Dice): Sectors
  /** In words, how the survivor differs from what the program saw; `undefined` if it does not. */
  lossOf(survivor: Sectors): string | undefined
}

interface Bytes {
  /** Zeros from `size` on. */
  readonly buffer: Uint8Array<ArrayBuffer>
  readonly size: number
}

const none: Bytes = { buffer: new Uint8Array(0), size: 0 }

/** A file, durable as given. */
export const make = (sectorBytes: number, initial: Uint8Array = none.buffer): Sectors => {
  // Invariants, whenever no function below is on the stack:
  //   1. Where `cache` differs from `durable` cut at `lowest`, the sector is in `dirty` or was dropped.
  //   2. `lowest` is the smallest size since the last sync; the file from there on is new.
  let durable: Bytes = { buffer: Uint8Array.from(initial), size: initial.length }
  let cache: Bytes = { buffer: Uint8Array.from(initial), size: initial.length }
  let lowest = initial.length
  const dirty = new Set<number>()

  const write = (position: number, bytes: Uint8Array) => {
    if (bytes.length === 0) return
    const end = position + bytes.length
    if (end > cache.size) cache = resized(cache, end)
    cache.buffer.set(bytes, position)
    const last = Math.floor((end - 1) / sectorBytes)
    for (let sector = Math.floor(position / sectorBytes); sector <= last; sector++) {
      dirty.add(sector)
    }
  }

  const truncate = (size: number) => {
    cache = resized(cache, size)
    lowest = Math.min(lowest, size)
  }

  /** Copies sectors from the cache, as far as they lie in both. */
  const writeBack = (to: Bytes, sectors: Iterable<number>): Bytes => {
    for (const sector of sectors) {
      const start = sector * sectorBytes
      const end = Math.min(start + sectorBytes, to.size, cache.size)
      if (start < end) to.buffer.set(cache.buffer.subarray(start, end), start)
    }
    return to
  }

  /** The durable bytes, cut to `lowest` and grown to `size`, with some of the sectors written. */
  const written = (size: number, sectors: Iterable<number>): Bytes =>
    writeBack(resized(resized(copy(durable), lowest), size), sectors)

  const survivors: Record<Fate, (dice: Dice) => Bytes> = {
    lost: () => durable,
    kept: () => written(cache.size, dirty),
    empty: () => written(lowest, []),
    zeros: () => written(cache.size, []),
    prefix: (dice) => {
      const sectors = [...dirty].toSorted((a, b) => a - b)
      const first = sectors.slice(0, dice.below(sectors.length + 1))
      const end = ((first.at(-1) ?? -1) + 1) * sectorBytes
      return written(Math.max(lowest, Math.min(end, cache.size)), first)
    },
    mixed: (dice) => {
      const some = [...dirty].filter(() => dice.chance(0.5))
      if (lowest < durable.size && dice.chance(0.5)) {
        // The truncation is lost, and with it all that came into the room that it made.
        const before = Math.floor(lowest / sectorBytes)
        return writeBack(
          copy(durable),
          some.filter((sector) => sector < before)
        )
      }
      const size = dice.chance(0.5) ? cache.size : boundary(lowest, cache.size, sectorBytes, dice)
      return written(size, some)
    }
  }

  return {
    get size() {
      return cache.size
    },
    read: (start, end) => cache.buffer.slice(start, Math.max(start, Math.min(end, cache.size))),
    write,
    truncate,
    sync: () => {
      durable = writeBack(resized(resized(durable, lowest), cache.size), dirty)
      lowest = cache.size
      dirty.clear()
    },
    drop: () => dirty.clear(),
    survivor: (fate, dice) => {
      const { buffer, size } = survivors[fate](dice)
      return make(sectorBytes, buffer.subarray(0, size))
    },
    lossOf: (survivor) => lossOf(cache, survivor, sectorBytes)
  }
}

/** The size in a new buffer, or in the same one when it is large enough. */
const resized = ({ buffer, size }: Bytes, to: number): Bytes => {
  if (to < size) buffer.fill(0, to, size)
  if (to <= buffer.length) return { buffer, size: to }
  const larger = new Uint8Array(Math.max(to, buffer.length * 2))
  larger.set(buffer.subarray(0, size))
  return { buffer: larger, size: to }
}

const copy = ({ buffer, size }: Bytes): Bytes => ({ buffer: buffer.slice(), size })

/** One of the sector boundaries strictly between two sizes, or one of the sizes if there is none. */
const boundary = (from: number, to: number, sectorBytes: number, dice: Dice): number => {
  const first = Math.floor(from / sectorBytes) + 1
  const count = Math.ceil(to / sectorBytes) - first
  return count > 0 ? (first + dice.below(count)) * sectorBytes : dice.pick([from, to])
}

const lossOf = (cache: Bytes, survivor: Sectors, sectorBytes: number): string | undefined => {
  const found = survivor.read(0, survivor.size)
  const common = Math.min(cache.size, found.length)
  let [count, differ] = [0, 0]
  for (let start = 0; start < common; start += sectorBytes, count++) {
    const end = Math.min(start + sectorBytes, common)
    let at = start
    while (at < end && cache.buffer[at] === found[at]) at++
    if (at < end) differ++
  }
  const size = found.length === cache.size ? "" : `${found.length} of ${cache.size} bytes`
  const data = differ === 0 ? "" : `${differ} of ${count} sectors not as written`
  return size === "" && data === "" ? undefined : [size, data].filter((part) => part).join(", ")
}

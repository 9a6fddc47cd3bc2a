/**
 * A map that forgets entries that are over, for keys of which there may be new ones for ever.
 *
 * It looks for them only when it has doubled, so that an entry costs O(1).
 */

export interface SweepingMap<K, V> {
  readonly get: (key: K) => V | undefined
  readonly set: (key: K, value: V) => void
  readonly delete: (key: K) => void
  readonly values: () => Iterable<V>
  readonly size: number
}

const sizeMin = 32

export const make = <K, V>(isOver: (value: V) => boolean): SweepingMap<K, V> => {
  const entries = new Map<K, V>()
  let sweepAt = sizeMin
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.set(key, value)
      if (entries.size < sweepAt) return
      for (const [key, value] of entries) if (isOver(value)) entries.delete(key)
      sweepAt = Math.max(sizeMin, 2 * entries.size)
    },
    delete: (key) => void entries.delete(key),
    values: () => entries.values(),
    get size() {
      return entries.size
    }
  }
}

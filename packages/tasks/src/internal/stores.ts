/** Where a queue keeps its items: what goes in comes out in the order of the store. */
import * as MutableList from "effect/MutableList"
import * as Heap from "./heap.ts"

export interface Store<in out A> {
  readonly size: number
  push(item: A, priority: number): void
  /** Takes out the next item of a store that has one. */
  pop(): A
}

/** Oldest first. */
export const fifo = <A>(): Store<A> => {
  const items = MutableList.make<A>()
  return {
    get size() {
      return items.length
    },
    push: (item) => MutableList.append(items, item),
    pop: () => MutableList.take(items) as A
  }
}

/** Newest first. */
export const lifo = <A>(): Store<A> => {
  const items: Array<A> = []
  return {
    get size() {
      return items.length
    },
    push: (item) => void items.push(item),
    pop: () => items.pop() as A
  }
}

/** Highest priority first, and oldest first of those with the same; O(log n) for n items. */
export const priority = <A>(): Store<A> => {
  let arrivals = 0
  const items = Heap.make<Entry<A>>((a, b) =>
    a.priority === b.priority ? a.arrival < b.arrival : a.priority > b.priority
  )
  return {
    get size() {
      return items.size
    },
    push: (item, priority) => items.push({ item, priority, arrival: arrivals++, index: 0 }),
    pop: () => {
      const entry = items.first!
      items.remove(entry)
      return entry.item
    }
  }
}

interface Entry<A> extends Heap.Node {
  readonly item: A
  readonly priority: number
  readonly arrival: number
}

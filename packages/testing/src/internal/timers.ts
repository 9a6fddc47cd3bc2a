/** Timers in order of their deadlines, and of their creation where these are equal. */

export interface Timer {
  /** Milliseconds of virtual time. */
  readonly deadline: number
  readonly created: number
  readonly fire: () => void
  /** Its place in the heap, kept by the heap; -1 when it is not in it. */
  index: number
}

export interface Timers<T extends Timer> {
  readonly size: number
  readonly first: T | undefined
  /** All of them, in no promised order. */
  readonly all: ReadonlyArray<T>
  add(timer: T): void
  /** Removes a timer, also one that is gone already, in O(log n). */
  remove(timer: T): void
}

/** Creates an empty binary heap of timers. */
export const make = <T extends Timer>(): Timers<T> => {
  const heap: Array<T> = []

  const place = (timer: T, index: number) => {
    heap[index] = timer
    timer.index = index
  }

  const rise = (timer: T, from: number) => {
    let index = from
    while (index > 0) {
      const parent = heap[(index - 1) >> 1]!
      if (!isBefore(timer, parent)) break
      place(parent, index)
      index = (index - 1) >> 1
    }
    place(timer, index)
  }

  const sink = (timer: T, from: number) => {
    let index = from
    for (let child = 2 * index + 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, timer)) break
      place(heap[child]!, index)
      index = child
    }
    place(timer, index)
  }

  return {
    get size() {
      return heap.length
    },
    get first() {
      return heap[0]
    },
    all: heap,
    add: (timer) => rise(timer, heap.length),
    remove: (timer) => {
      const { index } = timer
      if (index < 0) return
      timer.index = -1
      const last = heap.pop()!
      if (last === timer) return
      sink(last, index)
      rise(last, last.index)
    }
  }
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.deadline === b.deadline ? a.created < b.created : a.deadline < b.deadline

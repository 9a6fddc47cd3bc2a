/** A binary heap whose members know their place, so that any of them can leave in O(log n). */

/** A member. It is in one heap at a time, or in none. */
export interface Node {
  /** The node's place in its heap, kept by the heap. */
  index: number
}

export interface Heap<N extends Node> {
  readonly first: N | undefined
  readonly size: number
  push(node: N): void
  remove(node: N): void
}

/** Creates an empty heap in which each node comes after those that are `before` it. */
export const make = <N extends Node>(before: (a: N, b: N) => boolean): Heap<N> => {
  const nodes: Array<N> = []

  const place = (node: N, index: number) => {
    nodes[index] = node
    node.index = index
  }

  const rise = (node: N, from: number) => {
    let index = from
    while (index > 0) {
      const parent = nodes[(index - 1) >> 1]!
      if (!before(node, parent)) break
      place(parent, index)
      index = (index - 1) >> 1
    }
    place(node, index)
  }

  const sink = (node: N, from: number) => {
    let index = from
    for (let child = 2 * index + 1; child < nodes.length; child = 2 * index + 1) {
      if (child + 1 < nodes.length && before(nodes[child + 1]!, nodes[child]!)) child++
      if (!before(nodes[child]!, node)) break
      place(nodes[child]!, index)
      index = child
    }
    place(node, index)
  }

  return {
    get first() {
      return nodes[0]
    },
    get size() {
      return nodes.length
    },
    push: (node) => rise(node, nodes.length),
    remove: (node) => {
      const last = nodes.pop()!
      if (last === node) return
      sink(last, node.index)
      rise(last, last.index)
    }
  }
}

/** A doubly linked list whose links are fields of its members: each operation is O(1). */

/** A member. It is in one list at a time, or in none. */
export interface Node<N> {
  previous: N | undefined
  next: N | undefined
}

export interface List<N> {
  first: N | undefined
  last: N | undefined
  size: number
}

export const make = <N>(): List<N> => ({ first: undefined, last: undefined, size: 0 })

/** Adds a node that is in no list. */
export const append = <N extends Node<N>>(list: List<N>, node: N): void => {
  node.previous = list.last
  if (list.last === undefined) list.first = node
  else list.last.next = node
  list.last = node
  list.size++
}

/** Removes a node that is in this list. */
export const remove = <N extends Node<N>>(list: List<N>, node: N): void => {
  const { next, previous } = node
  if (previous === undefined) list.first = next
  else previous.next = next
  if (next === undefined) list.last = previous
  else next.previous = previous
  node.previous = node.next = undefined
  list.size--
}

/** The nodes, first to last. */
export const toArray = <N extends Node<N>>(list: List<N>): Array<N> => {
  const nodes: Array<N> = []
  for (let node = list.first; node !== undefined; node = node.next) nodes.push(node)
  return nodes
}

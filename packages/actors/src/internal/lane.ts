/**
 * A line of messages, each of which can leave it from anywhere at the cost of O(1).
 *
 * Its links are fields of the messages: an empty line costs nothing to keep, and an ask that was
 * given up leaves no gap behind, however many there are.
 */

/** A message that was offered, and where it is now. */
export interface Envelope {
  readonly kind: "tell" | "ask" | "tick" | "down"
  readonly tag: string
  readonly payload: unknown
  lane: Lane | undefined
  previous: Envelope | undefined
  next: Envelope | undefined
}

export interface Lane {
  first: Envelope | undefined
  last: Envelope | undefined
  size: number
}

export const make = (): Lane => ({ first: undefined, last: undefined, size: 0 })

/** Adds an envelope that is in no lane. */
export const append = (lane: Lane, envelope: Envelope): void => {
  envelope.lane = lane
  envelope.previous = lane.last
  if (lane.last === undefined) lane.first = envelope
  else lane.last.next = envelope
  lane.last = envelope
  lane.size++
}

/** Removes an envelope that is in this lane. */
export const remove = (lane: Lane, envelope: Envelope): void => {
  const { next, previous } = envelope
  if (previous === undefined) lane.first = next
  else previous.next = next
  if (next === undefined) lane.last = previous
  else next.previous = previous
  envelope.lane = envelope.previous = envelope.next = undefined
  lane.size--
}

export const shift = (lane: Lane): Envelope | undefined => {
  const { first } = lane
  if (first !== undefined) remove(lane, first)
  return first
}

/** Puts all envelopes of a lane, in their order, before those of another one. */
export const moveToFront = (from: Lane, to: Lane): void => {
  const behind = to.first
  for (let envelope = from.first; envelope !== undefined; envelope = envelope.next) {
    envelope.lane = to
  }
  if (from.first === undefined || from.last === undefined) return
  to.first = from.first
  from.last.next = behind
  if (behind === undefined) to.last = from.last
  else behind.previous = from.last
  to.size += from.size
  from.first = from.last = undefined
  from.size = 0
}

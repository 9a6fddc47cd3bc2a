/** A line of messages. Taking the first, adding at either end and leaving from anywhere cost O(1). */

/** A message that was offered, and where it is now. */
export interface Envelope {
  readonly kind: "tell" | "ask" | "tick"
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

/** The fibers of one run, and names for them that are the same in each run, as Effect's ids are not. */
import type * as Fiber from "effect/Fiber"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** What is known of one fiber. */
export interface Track {
  readonly fiber: AnyFiber | undefined
  /** The first is the program; 0 stands for all that is not a fiber of the run. */
  readonly appeared: number
  /**
   * `1` for the program, `1.2` for the second fiber that it forked, and so on: the same whatever the
   * schedule of the others is.
   */
  readonly id: string
  readonly parent: Track | undefined
  /** Fibers that it forked. */
  forked: number
  /** Tasks that it gave to the dispatcher. */
  scheduled: number
  /** Operations done, without the first one after each wake-up. */
  operations: number
  /** The operation before which it was paused last. */
  pausedAt: number
  /** The step at which it woke last, or used up its time. */
  ranAt: number
}

/** A fork, before it is known which fiber it made. */
export interface Birth {
  readonly parent: Track
  /** Which of its parent's forks it is. */
  readonly index: number
}

/**
 * The fibers of a run. One is born without an identity: it is the one that runs next for the first
 * time, at once or in the task that is scheduled next.
 */
export interface Tracks {
  /** Fibers that have started and not ended, in order of appearance. */
  readonly alive: ReadonlyMap<AnyFiber, Track>
  /** What is known of a fiber: of the outside, where it is none of the run, or has ended. */
  of(fiber: AnyFiber | undefined): Track
  /** The same of a fiber that runs, perhaps for the first time. */
  ofRunning(fiber: AnyFiber): Track
  /** A fiber forks, or something that is none. */
  bear(parent: AnyFiber | undefined): void
  /** Takes the fork whose fiber has not appeared yet, or sets it. */
  takeNewborn(): Birth | undefined
  setNewborn(birth: Birth | undefined): void
}

export const make = (): Tracks => {
  const alive = new Map<AnyFiber, Track>()
  const outside = makeTrack(0, undefined, undefined)
  let appeared = 0
  let newborn: Birth | undefined

  const takeNewborn = () => {
    const taken = newborn
    newborn = undefined
    return taken
  }
  const of = (fiber: AnyFiber | undefined) =>
    (fiber === undefined ? undefined : alive.get(fiber)) ?? outside

  return {
    alive,
    of,
    ofRunning: (fiber) => {
      const known = alive.get(fiber)
      if (known !== undefined) return known
      const track = makeTrack(++appeared, fiber, takeNewborn())
      alive.set(fiber, track)
      fiber.addObserver(() => alive.delete(fiber))
      return track
    },
    bear: (fiber) => {
      const parent = of(fiber)
      newborn = { parent, index: ++parent.forked }
    },
    takeNewborn,
    setNewborn: (birth) => {
      newborn = birth
    }
  }
}

const makeTrack = (
  appeared: number,
  fiber: AnyFiber | undefined,
  birth: Birth | undefined
): Track => ({
  fiber,
  appeared,
  id: idOf(appeared, birth),
  parent: birth?.parent,
  forked: 0,
  scheduled: 0,
  operations: 0,
  pausedAt: -1,
  ranAt: 0
})

const idOf = (appeared: number, birth: Birth | undefined): string => {
  if (appeared <= 1) return String(appeared)
  // An id of every ancestor would take memory quadratic in the depth of forks.
  return birth === undefined || birth.parent.id.length > idLengthMax
    ? `f${appeared}`
    : `${birth.parent.id}.${birth.index}`
}

const idLengthMax = 100

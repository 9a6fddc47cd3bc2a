/** Says of fibers that can never go on who waits for what, and who waits for whom. */
import * as Data from "effect/Data"
import type * as Waits from "@fibra/tasks/Waits"
import type { Names } from "./names.ts"
import type { AnyFiber, Track } from "./tracking.ts"

/** Why a program can never go on. */
export interface Deadlock {
  /** The tasks that wait: those of the cycle first, then in order of appearance. */
  readonly waits: ReadonlyArray<Wait>
  /** Those that wait for each other, each for the next one, and the last for the first. */
  readonly cycle: ReadonlyArray<Wait>
  /**
   * Kinds of things of which the process has opened more since the run began, such as `"Timeout"` or
   * `"TCPSocketWrap"`: the program may wait for one, unless others in the process opened it. Known on
   * Node only.
   */
  readonly outside: ReadonlyArray<string>
}

/** Defect of a program that can never go on. */
export class Deadlocked extends Data.TaggedError("Deadlocked")<Deadlock> {
  override get message(): string {
    return format(this)
  }
}

/** A task that waits. */
export interface Wait {
  readonly task: string
  /** The function of `Effect.fn`, else the span, in which it waits. */
  readonly place: string | undefined
  /** What it waits for, where the primitive says so (`Waits.Observer` of `@fibra/tasks`). */
  readonly resource: { readonly kind: string; readonly name: string | undefined } | undefined
  /** The tasks that must act first, as far as the resource knows them; at most 10. */
  readonly holders: ReadonlyArray<string>
  /** The tasks that it forked and that wait too, where nothing is known of the resource; at most 10. */
  readonly forked: ReadonlyArray<string>
}

export interface Waiting {
  readonly alive: ReadonlyMap<AnyFiber, Track>
  readonly waits: ReadonlyMap<AnyFiber, Waits.Resource>
}

/** Describes all fibers that are alive as waiting. */
export const describe = (
  { alive, waits }: Waiting,
  names: Names,
  outside: ReadonlyArray<string>
): Deadlock => {
  const nameOf = uniqueNames(alive, names)
  const forkedBy = new Map<Track, Array<AnyFiber>>()
  for (const [fiber, { parent }] of alive) {
    if (parent === undefined) continue
    const siblings = forkedBy.get(parent)
    if (siblings === undefined) forkedBy.set(parent, [fiber])
    else siblings.push(fiber)
  }
  const holdersOf = (fiber: AnyFiber) => waits.get(fiber)?.holders() ?? []
  const forkedOf = (fiber: AnyFiber) =>
    waits.has(fiber) ? [] : (forkedBy.get(alive.get(fiber)!) ?? [])
  const resourceOf = (fiber: AnyFiber) => {
    const resource = waits.get(fiber)
    return resource && { kind: resource.kind, name: resource.name }
  }
  const waitOf = (fiber: AnyFiber): Wait => ({
    task: nameOf(fiber),
    place: names.placeOf(fiber),
    resource: resourceOf(fiber),
    holders: holdersOf(fiber).slice(0, namedMax).map(nameOf),
    forked: forkedOf(fiber).slice(0, namedMax).map(nameOf)
  })
  const fibers = [...alive.keys()]
  // That a fiber waits for those it forked is only likely: a cycle without such guesses is better.
  const cycle =
    findCycle(fibers, holdersOf) ??
    findCycle(fibers, (fiber) => [...holdersOf(fiber), ...forkedOf(fiber)]) ??
    []
  const rest = fibers.filter((fiber) => !cycle.includes(fiber))
  return { waits: [...cycle, ...rest].map(waitOf), cycle: cycle.map(waitOf), outside }
}

const namedMax = 10

const uniqueNames = (alive: Waiting["alive"], names: Names): ((fiber: AnyFiber) => string) => {
  const counts = new Map<string, number>()
  for (const track of alive.values()) {
    const name = names.nameOf(track)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return (fiber) => {
    const track = alive.get(fiber)
    if (track === undefined) return "a task that has ended"
    const name = names.nameOf(track)
    return counts.get(name) === 1 ? name : `${name} (fiber ${track.id})`
  }
}

/** The first circle that is found from the first fiber on, in time linear in fibers and edges. */
const findCycle = (
  fibers: ReadonlyArray<AnyFiber>,
  edgesOf: (fiber: AnyFiber) => ReadonlyArray<AnyFiber>
): ReadonlyArray<AnyFiber> | undefined => {
  // The place of each fiber that was seen on the path that is followed, or -1 when it led nowhere.
  const places = new Map<AnyFiber, number>()
  const path: Array<{ readonly fiber: AnyFiber; readonly edges: Array<AnyFiber> }> = []
  const enter = (fiber: AnyFiber) => {
    places.set(fiber, path.length)
    path.push({ fiber, edges: edgesOf(fiber).toReversed() })
  }
  for (const start of fibers) {
    if (!places.has(start)) enter(start)
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const next = last.edges.pop()
      const place = next === undefined ? undefined : places.get(next)
      if (next === undefined) {
        places.set(last.fiber, -1)
        path.pop()
      } else if (place === undefined) enter(next)
      else if (place >= 0) return path.slice(place).map(({ fiber }) => fiber)
    }
  }
  return undefined
}

/** What a deadlock is, in a line. */
const format = ({ cycle, outside, waits }: Deadlock): string => {
  const others = waits.slice(cycle.length)
  const sentences = [formatWaits(cycle.length > 0 ? cycle : others)]
  if (cycle.length > 0 && others.length > 0) sentences.push(`Besides, ${formatWaits(others)}`)
  if (waits.some(({ forked, resource }) => resource === undefined && forked.length === 0)) {
    sentences.push(
      'An "Effect.callback" is a Deferred, a Queue, a fiber or anything else that Effect waits for'
    )
    if (outside.length > 0) {
      sentences.push(
        `The process has opened ${outside.join(", ")}: what waits for that needs a service in its place`
      )
    }
  }
  return sentences.join(". ")
}

const formatWaits = (waits: ReadonlyArray<Wait>): string => {
  const more = waits.length - namedMax
  const shown = waits.slice(0, namedMax).map(formatWait)
  return [...shown, ...(more > 0 ? [`${more} more wait`] : [])].join("; ")
}

/** What one task waits for. */
export const formatWait = ({ forked, holders, place, resource, task }: Wait): string => {
  const where = place === undefined ? "" : ` in ${place}`
  if (resource === undefined) {
    return forked.length === 0
      ? `${task} waits for an Effect.callback${where}`
      : `${task} waits${where}, having forked ${forked.join(", ")}`
  }
  const name = resource.name === undefined ? "" : ` "${resource.name}"`
  const by = holders.length === 0 ? "" : ` held by ${holders.join(", ")}`
  return `${task} waits for ${resource.kind}${name}${by}${where}`
}

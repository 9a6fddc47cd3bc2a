/**
 * The bounded buffer between the producers of a sink and its writer: rows go in one by one, keep their
 * arrival order, and come out in groups. A group is what one commit makes durable.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RowBytes from "./rowBytes.ts"
import type { StepFailed } from "./steps.ts"

/** What a producer gives: a row, something to be committed with it, or that alone. */
export interface Item<Mark> {
  readonly row: string | Uint8Array | undefined
  /** Rows of one partition go to one file. */
  readonly partition: string
  readonly mark: Mark | undefined
  /** Of two rows with one key only the first is taken. */
  readonly key: string | undefined
}

export type Parts = ReadonlyMap<string, RowBytes.RowBytes>

/** What is committed together: rows by partition, and marks in the order of their rows. */
export interface Group<Mark> {
  /** Reads the rows back, if they were spilled; only once. */
  readonly load: Effect.Effect<Parts, StepFailed>
  readonly marks: ReadonlyArray<Mark>
  readonly rows: number
  readonly bytes: number
}

/** What a spiller needs of the buffer. */
export interface Spilling<Group> {
  /** Waits until producers wait for room that a sealed group has; the latest such group. */
  readonly nextToSpill: Effect.Effect<{
    readonly group: Group
    readonly parts: Parts
    readonly bytes: number
    readonly rows: number
  }>
  /** The rows of a group are elsewhere now; `false` when the writer has taken it in the meantime. */
  readonly spilledUnsafe: (group: Group, load: Effect.Effect<Parts, StepFailed>) => boolean
}

export interface GroupBuffer<A, E, Dropped, Mark> extends Spilling<OpenGroup<A, E, Mark>> {
  /**
   * Puts an item in, or waits in line for room. An interrupted put is in whole or not at all.
   *
   * It acts when it is called, and must be called by the effect that runs then: this is the hot path.
   */
  readonly putUnsafe: (item: Item<Mark>) => Effect.Effect<void, E | Dropped>
  /** As `putUnsafe`, for a mark without a row, which is never dropped. */
  readonly putMarkUnsafe: (mark: Mark) => Effect.Effect<void, E>
  /** Puts an item in and waits until it is committed. An interrupt ends the waiting only. */
  readonly offer: (item: Item<Mark>) => Effect.Effect<A, E | Dropped>
  /** Waits until a mark is committed, without a row. */
  readonly mark: (mark: Mark) => Effect.Effect<A, E>
  /** Waits until all that is in is committed; the group that is open does not wait for more. */
  readonly flush: Effect.Effect<void, E>
  /**
   * Waits for the next group that is due; `ended` once the buffer is ended and empty, and `idle` when
   * nothing has come for that long.
   */
  readonly take: (idle: Duration.Duration) => Effect.Effect<Group<Mark> | "idle" | "ended">
  /** Tells those who wait for the group that was taken, and lets waiting items in. */
  readonly settleUnsafe: (committed: (partition: string) => A) => void
  /** Refuses later items. What is in the buffer, or waits for room, still comes out. */
  readonly endUnsafe: (refusal: Effect.Effect<never, E>) => void
  /** Refuses whoever waits, or comes later, and forgets what is buffered. */
  readonly failUnsafe: (refusal: Effect.Effect<never, E>) => void
  readonly counts: Readonly<Counts>
}

interface Counts {
  /** Rows let in since the start. */
  rows: number
  /** Rows with a key that was there already. */
  duplicates: number
  /** Rows that found the buffer full. */
  dropped: number
}

export interface Limits {
  readonly bufferRowsMax: number
  readonly bufferBytesMax: number
  readonly batchRowsMax: number
  readonly batchBytesMax: number
  readonly batchEvery: Duration.Duration
  /** Whether a group that somebody waits for is given time for more rows too. */
  readonly offersWait: boolean
  /** Partitions of one group. */
  readonly batchPartsMax: number
}

export interface Settings<Dropped> extends Limits {
  /** What a row gets when there is no room; `undefined`: it waits. */
  readonly refusalWhenFull: Effect.Effect<never, Dropped> | undefined
  /** Remembers a key, and says whether it is new. */
  readonly isNewKey: (key: string) => boolean
}

/** Somebody who waits for a group to be committed. */
interface Waiting<A, E> {
  readonly partition: string
  readonly wake: (result: Effect.Effect<A, E>) => void
}

/** Somebody who waits for room. */
interface Outside<A, E, Mark> {
  readonly item: Item<Mark>
  readonly letIn: (group: OpenGroup<A, E, Mark>) => void
  readonly refuse: (refusal: Effect.Effect<never, E>) => void
}

interface OpenGroup<A, E, Mark> {
  readonly parts: Map<string, RowBytes.RowBytes>
  readonly marks: Array<Mark>
  readonly waiting: Array<Waiting<A, E>>
  /** Rows, duplicates and marks without rows: what limits of rows are about. */
  items: number
  rows: number
  bytes: number
  /** Whether its rows are in memory, or were spilled. */
  isResident: boolean
  load: Effect.Effect<Parts, StepFailed>
}

/** A part grows up to a group's size; most of many partitions stay small. */
const roomBytesOfPart = 16 * 1024
const sparesMax = 4

export const make = <A, E, Dropped, Mark>(
  settings: Settings<Dropped>
): GroupBuffer<A, E, Dropped, Mark> => {
  // Invariants, whenever no function below is on the stack:
  //   1. `items` and `bytes` count what is resident and not settled; items <= bufferRowsMax.
  //   2. The first of `line` does not fit, so it exists only while items > 0, and settling lets it in.
  //   3. Someone is in `line` exactly while neither let in, nor refused, nor gone.
  //   4. `wakeWriter` is set exactly while the writer sleeps.
  // Hazard: a fiber may be paused between any two effects, so each step below looks and acts at once.
  let items = 0
  let bytes = 0
  const counts: Counts = { rows: 0, duplicates: 0, dropped: 0 }
  let open: OpenGroup<A, E, Mark> | undefined
  let taken: OpenGroup<A, E, Mark> | undefined
  const sealed: Array<OpenGroup<A, E, Mark>> = []
  const spares: Array<RowBytes.RowBytes> = []
  const line = new Set<Outside<A, E, Mark>>()
  let refusal: Effect.Effect<never, E> | undefined
  let failure: Effect.Effect<never, E> | undefined
  let isFlushing = false
  let wakeWriter: (() => void) | undefined
  let writerIsIdle = false
  let wakeSpiller: (() => void) | undefined

  const fits = ({ row }: Item<Mark>) =>
    items < settings.bufferRowsMax &&
    (items === 0 || bytes + (row?.length ?? 0) < settings.bufferBytesMax)

  // A newcomer that fits still queues behind the others: rows keep their arrival order.
  const hasRoomFor = (item: Item<Mark>) => line.size === 0 && fits(item)

  const isEmpty = () => sealed.length === 0 && open === undefined

  const isAwaited = () => !settings.offersWait && open !== undefined && open.waiting.length > 0

  const isDue = () => sealed.length > 0 || isFlushing || line.size > 0 || refusal !== undefined

  const seal = () => {
    if (open !== undefined) sealed.push(open)
    open = undefined
    isFlushing = false
  }

  const emptyGroup = (): OpenGroup<A, E, Mark> => {
    const parts = new Map<string, RowBytes.RowBytes>()
    return {
      parts,
      marks: [],
      waiting: [],
      items: 0,
      rows: 0,
      bytes: 0,
      isResident: true,
      load: Effect.succeed(parts)
    }
  }

  const partOf = (group: OpenGroup<A, E, Mark>, partition: string): RowBytes.RowBytes => {
    const found = group.parts.get(partition)
    if (found !== undefined) return found
    const part = spares.pop() ?? RowBytes.make(roomBytesOfPart)
    group.parts.set(partition, part)
    return part
  }

  /** Whether the item takes a group over a limit. Most characters are one byte long. */
  const isTooMuch = ({ partition, row }: Item<Mark>, group: OpenGroup<A, E, Mark>) =>
    row !== undefined &&
    (group.bytes + row.length >= settings.batchBytesMax ||
      (group.parts.size === settings.batchPartsMax && !group.parts.has(partition)))

  const push = (item: Item<Mark>): OpenGroup<A, E, Mark> => {
    if (open !== undefined && isTooMuch(item, open)) seal()
    const group = (open ??= emptyGroup())
    const { key, mark, partition, row } = item
    if (row !== undefined) {
      // The file of a duplicate is opened too: whoever waits gets to know how far it is.
      const part = partOf(group, partition)
      if (key === undefined || settings.isNewKey(key)) {
        const added = part.push(row)
        group.rows++
        group.bytes += added
        bytes += added
        counts.rows++
      } else {
        counts.duplicates++
      }
    }
    if (mark !== undefined) group.marks.push(mark)
    group.items++
    items++
    if (group.items === settings.batchRowsMax) seal()
    if (wakeWriter !== undefined && (writerIsIdle || isDue())) wakeWriter()
    return group
  }

  const letIn = () => {
    for (const outside of line) {
      if (!fits(outside.item)) return
      line.delete(outside)
      outside.letIn(push(outside.item))
    }
  }

  /** Lets the item in at once or later, or refuses it. */
  const enter = (outside: Outside<A, E, Mark>): Effect.Effect<void> | undefined => {
    const { item } = outside
    if (refusal !== undefined) return void outside.refuse(refusal)
    if (hasRoomFor(item)) return void outside.letIn(push(item))
    line.add(outside)
    wakeWriter?.()
    wakeSpiller?.()
    return Effect.sync(() => {
      // Hazard: an interrupt can land after the item was let in. Then it stays.
      if (line.delete(outside)) letIn()
    })
  }

  /** Waits for room, unless rows are dropped when there is none. */
  const enterOr = (
    drop: (refusal: Effect.Effect<never, Dropped>) => void,
    outside: Outside<A, E, Mark>
  ): Effect.Effect<void> | undefined => {
    const { refusalWhenFull } = settings
    if (refusalWhenFull === undefined || refusal !== undefined || hasRoomFor(outside.item)) {
      return enter(outside)
    }
    counts.dropped++
    return void drop(refusalWhenFull)
  }

  const putUnsafe = (item: Item<Mark>): Effect.Effect<void, E | Dropped> => {
    if (refusal === undefined && hasRoomFor(item)) {
      push(item)
      return Effect.void
    }
    return suspended<void, E | Dropped>((wake) =>
      enterOr(wake, { item, letIn: () => wake(Effect.void), refuse: wake })
    )
  }

  const putMarkUnsafe = (mark: Mark): Effect.Effect<void, E> => {
    const item = { row: undefined, partition: "", mark, key: undefined }
    if (refusal === undefined && hasRoomFor(item)) {
      push(item)
      return Effect.void
    }
    return suspended<void, E>((wake) =>
      enter({ item, letIn: () => wake(Effect.void), refuse: wake })
    )
  }

  const awaitCommit = (
    item: Item<Mark>,
    wake: (result: Effect.Effect<A, E>) => void
  ): Outside<A, E, Mark> => ({
    item,
    letIn: (group) => {
      group.waiting.push({ partition: item.partition, wake })
      if (isAwaited()) wakeWriter?.()
    },
    refuse: wake
  })

  const offer = (item: Item<Mark>) =>
    suspended<A, E | Dropped>((wake) => enterOr(wake, awaitCommit(item, wake)))

  const mark = (mark: Mark) =>
    suspended<A, E>((wake) =>
      enter(awaitCommit({ row: undefined, partition: "", mark, key: undefined }, wake))
    )

  const flush = suspended<void, E>((wake) => {
    const last = open ?? sealed.at(-1) ?? taken
    if (last === undefined) return wake(failure ?? Effect.void)
    last.waiting.push({ partition: "", wake: (result) => wake(Effect.asVoid(result)) })
    isFlushing = open !== undefined
    wakeWriter?.()
  })

  const sleep = (idle: boolean) =>
    suspended<void, never>((wake) => {
      // Hazard: the fiber may have been paused since it looked, while somebody came.
      const isOver = idle ? !isEmpty() || refusal !== undefined : isDue() || isAwaited()
      if (isOver) return wake(Effect.void)
      writerIsIdle = idle
      wakeWriter = () => {
        wakeWriter = undefined
        wake(Effect.void)
      }
      return Effect.sync(() => {
        wakeWriter = undefined
      })
    })

  /** Whoever can run now gets its row in, too. */
  const awaitCompany = Effect.suspend(() =>
    Duration.isZero(settings.batchEvery) || isAwaited()
      ? Effect.yieldNow
      : Effect.timeoutOption(sleep(false), settings.batchEvery)
  )

  const take = Effect.fnUntraced(function* (idle: Duration.Duration) {
    while (isEmpty()) {
      if (refusal !== undefined) return "ended"
      const isWoken = Duration.isFinite(idle)
        ? Option.isSome(yield* Effect.timeoutOption(sleep(true), idle))
        : (yield* sleep(true), true)
      if (!isWoken && isEmpty()) return "idle"
    }
    if (!isDue()) yield* awaitCompany
    if (sealed.length === 0) seal()
    taken = sealed.shift()
    return taken ?? "ended"
  })

  /** Gives back the memory of a group. */
  const release = (group: OpenGroup<A, E, Mark>) => {
    items -= group.items
    bytes -= group.bytes
    for (const part of group.parts.values()) {
      if (spares.length === sparesMax) break
      part.clear()
      spares.push(part)
    }
  }

  const toSpill = (): OpenGroup<A, E, Mark> | undefined => {
    if (line.size === 0) return undefined
    if (!sealed.some(({ isResident }) => isResident)) seal()
    return sealed.findLast(({ isResident }) => isResident)
  }

  const nextToSpill: Spilling<OpenGroup<A, E, Mark>>["nextToSpill"] = suspended((wake) => {
    const look = () => {
      const group = toSpill()
      wakeSpiller = group === undefined ? look : undefined
      if (group === undefined) return
      const { bytes, parts, rows } = group
      wake(Effect.succeed({ group, parts, bytes, rows }))
    }
    look()
    return Effect.sync(() => {
      wakeSpiller = undefined
    })
  })

  const spilledUnsafe = (
    group: OpenGroup<A, E, Mark>,
    load: Effect.Effect<Parts, StepFailed>
  ): boolean => {
    if (!sealed.includes(group)) return false
    release(group)
    group.isResident = false
    group.load = load
    group.parts.clear()
    letIn()
    return true
  }

  const settleUnsafe = (committed: (partition: string) => A) => {
    if (taken === undefined) return
    const group = taken
    taken = undefined
    if (group.isResident) release(group)
    for (const { partition, wake } of group.waiting) wake(Effect.sync(() => committed(partition)))
    letIn()
  }

  const endUnsafe = (reason: Effect.Effect<never, E>) => {
    refusal ??= reason
    wakeWriter?.()
  }

  const failUnsafe = (reason: Effect.Effect<never, E>) => {
    refusal = reason
    failure = reason
    for (const group of [taken, ...sealed, open]) {
      for (const { wake } of group?.waiting ?? []) wake(reason)
    }
    for (const { refuse } of line) refuse(reason)
    taken = undefined
    open = undefined
    sealed.length = 0
    line.clear()
  }

  return {
    putUnsafe,
    putMarkUnsafe,
    offer,
    mark,
    flush,
    take,
    settleUnsafe,
    endUnsafe,
    failUnsafe,
    nextToSpill,
    spilledUnsafe,
    counts
  }
}

/**
 * Suspends the running fiber until `wake`, which resumes it through the dispatcher: waking inline would
 * nest every waiter on the stack of who wakes them.
 */
const suspended = <B, E>(
  wait: (wake: (result: Effect.Effect<B, E>) => void) => Effect.Effect<void> | void
): Effect.Effect<B, E> =>
  Effect.withFiber((fiber) =>
    Effect.callback((resume) =>
      wait((result) => fiber.currentDispatcher.scheduleTask(() => resume(result), 0))
    )
  )

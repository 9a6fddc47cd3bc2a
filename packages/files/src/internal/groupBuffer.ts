/**
 * The bounded buffer between the producers of a sink and its writer: rows go in one by one, keep their
 * arrival order, and come out in groups. A group is what one commit makes durable.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as RowBytes from "./rowBytes.ts"

/** A row on its way in. */
export interface Item {
  readonly row: string | Uint8Array
  /** Rows of one partition go to one file. */
  readonly partition: string
}

/** Rows that are committed together, by partition. */
export interface Group {
  readonly parts: ReadonlyMap<string, RowBytes.RowBytes>
  readonly rows: number
  readonly bytes: number
}

export interface GroupBuffer<A, E> {
  /** Puts a row in, or waits in line for room. An interrupted put is in whole or not at all. */
  readonly put: (item: Item) => Effect.Effect<void, E>
  /** Puts a row in and waits until it is committed. An interrupt ends the waiting only. */
  readonly offer: (item: Item) => Effect.Effect<A, E>
  /** Waits until all rows that are in are committed; the group that is open does not wait for more. */
  readonly flush: Effect.Effect<void, E>
  /** Waits for the next group that is due; `undefined` once the buffer is ended and empty. */
  readonly take: Effect.Effect<Group | undefined>
  /** Tells those who wait for the group that was taken, and lets waiting rows in. */
  readonly settleUnsafe: (committed: (partition: string) => A) => void
  /** Refuses later rows. What is in the buffer, or waits for room, still comes out. */
  readonly endUnsafe: (refusal: Effect.Effect<never, E>) => void
  /** Refuses whoever waits, or comes later, and forgets the buffered rows. */
  readonly failUnsafe: (refusal: Effect.Effect<never, E>) => void
  /** Rows let in since the start. */
  readonly rowsIn: () => number
}

export interface Limits {
  readonly bufferRowsMax: number
  readonly bufferBytesMax: number
  readonly batchRowsMax: number
  readonly batchBytesMax: number
  readonly batchEvery: Duration.Duration
  /** Partitions of one group. */
  readonly batchPartsMax: number
}

/** Somebody who waits for a group to be committed. */
interface Waiting<A, E> {
  readonly partition: string
  readonly wake: (result: Effect.Effect<A, E>) => void
}

/** Somebody who waits for room. */
interface Outside<A, E> {
  readonly item: Item
  readonly letIn: (group: OpenGroup<A, E>) => void
  readonly refuse: (refusal: Effect.Effect<never, E>) => void
}

interface OpenGroup<A, E> {
  readonly parts: Map<string, RowBytes.RowBytes>
  readonly waiting: Array<Waiting<A, E>>
  rows: number
  bytes: number
}

/** A part grows up to a group's size; most of many partitions stay small. */
const roomBytesOfPart = 16 * 1024
const sparesMax = 4

export const make = <A, E>(limits: Limits): GroupBuffer<A, E> => {
  // Invariants, whenever no function below is on the stack:
  //   1. `rows` and `bytes` count what was let in and is not settled; rows <= bufferRowsMax.
  //   2. The first of `line` does not fit, so it exists only while rows > 0, and settling lets it in.
  //   3. Someone is in `line` exactly while neither let in, nor refused, nor gone.
  //   4. `wakeWriter` is set exactly while the writer sleeps.
  let rows = 0
  let bytes = 0
  let rowsIn = 0
  let open: OpenGroup<A, E> | undefined
  let taken: OpenGroup<A, E> | undefined
  const sealed: Array<OpenGroup<A, E>> = []
  const spares: Array<RowBytes.RowBytes> = []
  const line = new Set<Outside<A, E>>()
  let refusal: Effect.Effect<never, E> | undefined
  let isFlushing = false
  let wakeWriter: (() => void) | undefined
  let writerIsIdle = false

  const fits = ({ row }: Item) =>
    rows < limits.bufferRowsMax && (rows === 0 || bytes + row.length < limits.bufferBytesMax)

  const isEmpty = () => sealed.length === 0 && open === undefined

  const isDue = () => sealed.length > 0 || isFlushing || line.size > 0 || refusal !== undefined

  const openGroup = (): OpenGroup<A, E> =>
    (open ??= { parts: new Map(), waiting: [], rows: 0, bytes: 0 })

  const seal = () => {
    if (open !== undefined) sealed.push(open)
    open = undefined
    isFlushing = false
  }

  const partOf = (group: OpenGroup<A, E>, partition: string): RowBytes.RowBytes => {
    const found = group.parts.get(partition)
    if (found !== undefined) return found
    const part = spares.pop() ?? RowBytes.make(roomBytesOfPart)
    group.parts.set(partition, part)
    return part
  }

  /** Whether the row takes the open group over a limit. Most characters are one byte long. */
  const isTooMuch = ({ partition, row }: Item, { bytes, parts }: OpenGroup<A, E>) =>
    bytes + row.length >= limits.batchBytesMax ||
    (parts.size === limits.batchPartsMax && !parts.has(partition))

  const push = (item: Item): OpenGroup<A, E> => {
    const { partition, row } = item
    if (open !== undefined && isTooMuch(item, open)) seal()
    const group = openGroup()
    const added = partOf(group, partition).push(row)
    group.rows++
    group.bytes += added
    rows++
    bytes += added
    rowsIn++
    if (group.rows === limits.batchRowsMax) seal()
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

  const standInLine = (outside: Outside<A, E>) => {
    line.add(outside)
    wakeWriter?.()
    return Effect.sync(() => {
      // Hazard: an interrupt can land after the row was let in. Then the row stays.
      if (line.delete(outside)) letIn()
    })
  }

  // A newcomer that fits still queues behind the others: rows keep their arrival order.
  const hasRoomFor = (item: Item) => line.size === 0 && fits(item)

  /** Resumes the running fiber through the dispatcher: waking inline would nest the stack. */
  const waker = <B>(
    wait: (wake: (result: Effect.Effect<B, E>) => void) => Effect.Effect<void> | void
  ) =>
    Effect.withFiber<B, E>((fiber) =>
      Effect.callback((resume) =>
        wait((result) => fiber.currentDispatcher.scheduleTask(() => resume(result), 0))
      )
    )

  const put = (item: Item) =>
    Effect.suspend(() => {
      if (refusal !== undefined) return refusal
      if (!hasRoomFor(item)) {
        return waker<void>((wake) =>
          standInLine({ item, letIn: () => wake(Effect.void), refuse: wake })
        )
      }
      push(item)
      return Effect.void
    })

  const offer = (item: Item) =>
    Effect.suspend(
      () =>
        refusal ??
        waker<A>((wake) => {
          const letIn = (group: OpenGroup<A, E>) =>
            void group.waiting.push({ partition: item.partition, wake })
          if (!hasRoomFor(item)) return standInLine({ item, letIn, refuse: wake })
          letIn(push(item))
        })
    )

  const flush = Effect.suspend(() => {
    if (rows === 0) return Effect.void
    return waker<void>((wake) => {
      const last = open ?? sealed.at(-1) ?? taken
      last?.waiting.push({ partition: "", wake: (result) => wake(Effect.asVoid(result)) })
      isFlushing = open !== undefined
      wakeWriter?.()
    })
  })

  const sleep = (idle: boolean) =>
    Effect.withFiber<void>((fiber) =>
      Effect.callback((resume) => {
        writerIsIdle = idle
        wakeWriter = () => {
          wakeWriter = undefined
          fiber.currentDispatcher.scheduleTask(() => resume(Effect.void), 0)
        }
        return Effect.sync(() => {
          wakeWriter = undefined
        })
      })
    )

  /** Whoever can run now gets its row in, too. */
  const awaitCompany = Duration.isZero(limits.batchEvery)
    ? Effect.yieldNow
    : Effect.timeoutOption(sleep(false), limits.batchEvery)

  const take = Effect.gen(function* () {
    while (isEmpty()) {
      if (refusal !== undefined) return undefined
      yield* sleep(true)
    }
    if (!isDue()) yield* awaitCompany
    if (sealed.length === 0) seal()
    taken = sealed.shift()
    return taken
  })

  const settleUnsafe = (committed: (partition: string) => A) => {
    if (taken === undefined) return
    const group = taken
    taken = undefined
    rows -= group.rows
    bytes -= group.bytes
    for (const { partition, wake } of group.waiting) wake(Effect.sync(() => committed(partition)))
    for (const part of group.parts.values()) {
      if (spares.length === sparesMax) break
      part.clear()
      spares.push(part)
    }
    letIn()
  }

  const endUnsafe = (reason: Effect.Effect<never, E>) => {
    refusal ??= reason
    wakeWriter?.()
  }

  const failUnsafe = (reason: Effect.Effect<never, E>) => {
    refusal = reason
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
    put,
    offer,
    flush,
    take,
    settleUnsafe,
    endUnsafe,
    failUnsafe,
    rowsIn: () => rowsIn
  }
}

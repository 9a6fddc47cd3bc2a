/**
 * The bounded buffer between the producers of a sink and its writer: rows go in one by one, keep
 * their arrival order, and come out as batches of UTF-8 bytes.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Rows for one write: each is followed by a newline. */
export interface Batch {
  readonly rows: number
  readonly bytes: Uint8Array
}

export interface RowBuffer<E> {
  /** Puts one row in, or waits in line for room. An interrupted offer is in whole or not at all. */
  readonly offer: (line: string) => Effect.Effect<void, E>
  /** Waits for the next batch that is due; `undefined` once the buffer is ended and empty. */
  readonly take: Effect.Effect<Batch | undefined>
  /** Gives back the room of a batch that was taken, and lets waiting offers in. */
  readonly releaseUnsafe: (batch: Batch) => void
  /** Refuses later offers. What is in the buffer, or waits for room, still comes out. */
  readonly endUnsafe: (refusal: Effect.Effect<never, E>) => void
  /** Refuses later and waiting offers, and forgets the bytes of the buffered rows. */
  readonly failUnsafe: (refusal: Effect.Effect<never, E>) => void
  /** Rows let in since the start. */
  readonly rowsOffered: () => number
}

export interface Limits {
  readonly bufferRowsMax: number
  readonly bufferBytesMax: number
  readonly batchBytesMax: number
  readonly flushEvery: Duration.Duration
}

interface Waiter<E> {
  readonly line: string
  readonly wake: (result: Effect.Effect<void, E>) => void
}

const newline = 0x0a
const encoder = new TextEncoder()

export const make = <E>(limits: Limits): RowBuffer<E> => {
  // Invariants, whenever no function below is on the stack:
  //   1. `rows` and `bytes` count what was let in and not yet released; rows <= bufferRowsMax.
  //   2. The first waiter does not fit, so waiters exist only while rows > 0, and the
  //      release of those rows lets them in.
  //   3. A waiter is in `waiters` exactly while it is neither let in, nor refused, nor gone.
  //   4. `wakeWriter` is set exactly while the writer sleeps.
  let rows = 0
  let bytes = 0
  let rowsOffered = 0
  let open: Uint8Array | undefined
  let openRows = 0
  let openBytes = 0
  let spare: Uint8Array | undefined
  const sealed: Array<Batch> = []
  const waiters = new Set<Waiter<E>>()
  let refusal: Effect.Effect<never, E> | undefined
  let wakeWriter: (() => void) | undefined
  let writerIsIdle = false

  const fits = (line: string) =>
    rows < limits.bufferRowsMax && (rows === 0 || bytes + line.length < limits.bufferBytesMax)

  const isEmpty = () => sealed.length === 0 && openRows === 0

  const isDue = () => sealed.length > 0 || waiters.size > 0 || refusal !== undefined

  const seal = () => {
    if (open === undefined || openRows === 0) return
    sealed.push({ rows: openRows, bytes: open.subarray(0, openBytes) })
    open = undefined
    openRows = 0
    openBytes = 0
  }

  /** Encodes at the end of the open batch; `false`, with nothing added, when it does not fit. */
  const append = (line: string): boolean => {
    if (open === undefined) {
      open = spare ?? new Uint8Array(limits.batchBytesMax)
      spare = undefined
    }
    const { read, written } = encoder.encodeInto(line, open.subarray(openBytes))
    if (read < line.length || openBytes + written === open.length) return false
    open[openBytes + written] = newline
    openRows++
    openBytes += written + 1
    bytes += written + 1
    return true
  }

  const push = (line: string) => {
    if (!append(line)) {
      seal()
      if (!append(line)) {
        const alone = encoder.encode(line + "\n")
        sealed.push({ rows: 1, bytes: alone })
        bytes += alone.length
      }
    }
    rows++
    rowsOffered++
    if (wakeWriter !== undefined && (writerIsIdle || isDue())) wakeWriter()
  }

  const letIn = () => {
    for (const waiter of waiters) {
      if (!fits(waiter.line)) return
      waiters.delete(waiter)
      push(waiter.line)
      waiter.wake(Effect.void)
    }
  }

  const waitForRoom = (line: string) =>
    Effect.withFiber<void, E>((fiber) =>
      Effect.callback((resume) => {
        const waiter: Waiter<E> = {
          line,
          // Waking inline would nest every waiter on the stack of the writer.
          wake: (result) => fiber.currentDispatcher.scheduleTask(() => resume(result), 0)
        }
        waiters.add(waiter)
        wakeWriter?.()
        return Effect.sync(() => {
          // Hazard: an interrupt can land after the row was let in. Then the row stays.
          if (waiters.delete(waiter)) letIn()
        })
      })
    )

  const offer = (line: string) =>
    Effect.suspend(() => {
      if (refusal !== undefined) return refusal
      // A newcomer that fits still queues behind the others: rows keep their arrival order.
      if (waiters.size > 0 || !fits(line)) return waitForRoom(line)
      push(line)
      return Effect.void
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

  const take = Effect.gen(function* () {
    while (isEmpty()) {
      if (refusal !== undefined) return undefined
      yield* sleep(true)
    }
    if (!isDue()) yield* Effect.timeoutOption(sleep(false), limits.flushEvery)
    if (sealed.length === 0) seal()
    return sealed.shift()
  })

  const releaseUnsafe = (batch: Batch) => {
    rows -= batch.rows
    bytes -= batch.bytes.length
    if (batch.bytes.buffer.byteLength === limits.batchBytesMax) {
      spare = new Uint8Array(batch.bytes.buffer as ArrayBuffer)
    }
    letIn()
  }

  const endUnsafe = (reason: Effect.Effect<never, E>) => {
    refusal ??= reason
    wakeWriter?.()
  }

  const failUnsafe = (reason: Effect.Effect<never, E>) => {
    refusal = reason
    open = undefined
    openRows = 0
    openBytes = 0
    sealed.length = 0
    for (const waiter of waiters) waiter.wake(reason)
    waiters.clear()
  }

  return { offer, take, releaseUnsafe, endUnsafe, failUnsafe, rowsOffered: () => rowsOffered }
}

/** Requests that wait for their answer, and the time that they have for it. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { AskTimeout } from "../ActorError.ts"
import { type Bucket, type Cell, type Frame, pathOf, type Request, type System } from "./cell.ts"
import * as Lane from "./lane.ts"

/** The handling of a message that the running code is a part of. */
export const CurrentFrame: Context.Reference<Frame | undefined> = Context.Reference<
  Frame | undefined
>("@fibra/actors/CurrentFrame", { defaultValue: () => undefined })

/**
 * The paths from `cell` through those that wait for each other back to it, if the handling `caller`
 * is part of what `cell` waits for.
 */
export const cycle = (cell: Cell, caller: Frame | undefined): ReadonlyArray<string> | undefined => {
  const path = [pathOf(cell)]
  for (let frame = caller; frame !== undefined && frame.active; frame = frame.outer) {
    path.push(pathOf(frame.cell))
    if (frame.cell === cell) return path.toReversed()
  }
  return undefined
}

/** Lets a request expire after its timeout. */
export const expireLater = (request: Request): void => {
  if (!Duration.isFinite(request.timeout)) return
  const { system } = request.cell
  const millis = Duration.toMillis(request.timeout)
  request.expiresAt = system.clock.currentTimeMillisUnsafe() + millis
  let bucket = system.buckets.get(millis)
  if (bucket === undefined) {
    bucket = { millis, first: undefined, last: undefined, sleeper: undefined }
    system.buckets.set(millis, bucket)
  }
  request.bucket = bucket
  request.earlier = bucket.last
  if (bucket.last === undefined) bucket.first = request
  else bucket.last.later = request
  bucket.last = request
  if (bucket.sleeper === undefined) sleep(system, bucket, millis)
}

const leave = (request: Request): void => {
  const { bucket, earlier, later } = request
  if (bucket === undefined) return
  if (earlier === undefined) bucket.first = later
  else earlier.later = later
  if (later === undefined) bucket.last = earlier
  else later.earlier = earlier
  request.bucket = request.earlier = request.later = undefined
}

const sleep = (system: System, bucket: Bucket, millis: number): void => {
  bucket.sleeper = Effect.runForkWith(system.context)(
    Effect.andThen(
      system.clock.sleep(Duration.millis(millis)),
      Effect.sync(() => expire(system, bucket))
    )
  )
}

const expire = (system: System, bucket: Bucket): void => {
  bucket.sleeper = undefined
  const now = system.clock.currentTimeMillisUnsafe()
  for (let request = bucket.first; request !== undefined; request = bucket.first) {
    if (request.expiresAt > now) return sleep(system, bucket, request.expiresAt - now)
    const { cell, resume, tag, timeout } = request
    abandon(request)
    const answer = Exit.fail(new AskTimeout({ actor: pathOf(cell), tag, timeout }))
    system.turns.schedule(() => resume(answer))
  }
  system.buckets.delete(bucket.millis)
}

/** Gives the asker its answer, if it still waits for one. */
export const settle = (request: Request, answer: Exit.Exit<unknown, unknown>): void => {
  if (request.over) return
  request.over = true
  leave(request)
  request.cell.system.turns.schedule(() => request.resume(answer))
}

/** The asker has gone: takes the request out of the mailbox, or interrupts its handler. */
export const abandon = (request: Request): void => {
  if (request.over) return
  request.over = true
  leave(request)
  const { cell } = request
  if (request.lane !== undefined) {
    // One that still waits for room was never offered.
    if (request.lane === cell.mailbox) cell.rejected++
    Lane.remove(request.lane, request)
  } else if (cell.current === request) cell.fiber?.interruptUnsafe()
}

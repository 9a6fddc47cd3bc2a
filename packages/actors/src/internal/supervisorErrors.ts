/** The errors of supervisors. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"

/**
 * A supervisor has given up: a child was to be restarted once more than it allows, or its backoff has
 * come to its end.
 *
 * @since 0.1.0
 */
export class RestartIntensityExceeded extends Data.TaggedError("RestartIntensityExceeded")<{
  /** The path of the supervisor. */
  readonly supervisor: string
  /** The path of the child that ended last. */
  readonly child: string
  /** Restarts that are allowed within `period`. */
  readonly intensity: number
  /** Milliseconds. */
  readonly period: number
  /** What ended the last ten of the children that were to be restarted, oldest first. */
  readonly causes: ReadonlyArray<Cause.Cause<unknown>>
}> {
  override get message(): string {
    return `${this.supervisor} does not restart ${this.child} once more: ${this.intensity} restarts in ${this.period} ms are allowed. Fix what ends it (see causes), or allow more with intensity, period and backoff`
  }
}

/**
 * A child did not start: its `init` failed or died. Nothing is left of it.
 *
 * @since 0.1.0
 */
export class StartFailed<out E = unknown> extends Data.TaggedError("StartFailed")<{
  /** The path of the supervisor. */
  readonly supervisor: string
  /** The path of the child. */
  readonly child: string
  /** Why; `RestartIntensityExceeded` where a child crashed too often while others started. */
  readonly cause: Cause.Cause<unknown>
}> {
  declare readonly cause: Cause.Cause<E | RestartIntensityExceeded>
  override get message(): string {
    return `${this.child} did not start: ${Cause.pretty(this.cause)}`
  }
}

/**
 * The supervisor has a child of this name.
 *
 * @since 0.1.0
 */
export class NameTaken extends Data.TaggedError("NameTaken")<{
  /** The path of the supervisor. */
  readonly supervisor: string
  readonly child: string
}> {
  override get message(): string {
    return `${this.supervisor} has a child "${this.child}" already: take another name, or stop that one first`
  }
}

/**
 * The supervisor takes no children now: it has stopped or given up, or is being restarted itself.
 *
 * @since 0.1.0
 */
export class SupervisorStopped extends Data.TaggedError("SupervisorStopped")<{
  /** The path of the supervisor. */
  readonly supervisor: string
}> {
  override get message(): string {
    return `${this.supervisor} is down, and starts no children: start it first, or try again where it is being restarted`
  }
}

/** What a supervision knows about one of its children. */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { ActorStopped } from "../ActorError.ts"
import type { Reason } from "../Down.ts"
import * as Backoff from "./backoff.ts"
import * as Intensity from "./intensity.ts"
import type { ChildType } from "./restartPlan.ts"
import type { Unit } from "./unit.ts"

export interface Settings {
  readonly type: ChildType
  readonly backoff: Backoff.Policy | undefined
  /** Milliseconds that it has to be up for its backoff to begin anew. */
  readonly stableAfter: number
  /** Whether it is there again when its supervisor is restarted. */
  readonly isStatic: boolean
}

/** The restarts that are counted together, and what they were for. */
export interface Restarts {
  readonly intensity: Intensity.Intensity
  /** The newest, oldest first. */
  readonly causes: Array<Cause.Cause<unknown>>
}

export interface Member extends Omit<Settings, "type" | "backoff"> {
  readonly name: string
  readonly unit: Unit
  readonly backoff: Backoff.Backoff | undefined
  /** Its own, where restarts are counted for each child. */
  restarts: Restarts | undefined
  /** Grows with each order to start or to stop, and with each end. */
  turns: number
  /** Milliseconds of the monotonic clock; none while it is down. */
  upSince: number | undefined
  /** How it ended last. */
  reason: Reason
  /** Waits for the end of its backoff. */
  sleeper: Fiber.Fiber<unknown, unknown> | undefined
  /** Told what came of its first start; nothing if it was stopped before. */
  settled: ((exit: Exit.Exit<void, unknown> | undefined) => void) | undefined
  /** Told that it is down for good. */
  readonly gone: Array<() => void>
}

export const make = (name: string, unit: Unit, settings: Settings): Member => ({
  name,
  unit,
  isStatic: settings.isStatic,
  stableAfter: settings.stableAfter,
  backoff: settings.backoff === undefined ? undefined : Backoff.make(settings.backoff),
  restarts: undefined,
  turns: 0,
  upSince: undefined,
  reason: { _tag: "Stopped" },
  sleeper: undefined,
  settled: undefined,
  gone: []
})

export const makeRestarts = (allowed: number, period: number): Restarts => ({
  intensity: Intensity.make(allowed, period),
  causes: []
})

const causesKept = 10

/** Counts a restart. False if it is one too many. */
export const mayRestart = (
  member: Member,
  { causes, intensity }: Restarts,
  now: number
): boolean => {
  causes.push(causeOf(member))
  if (causes.length > causesKept) causes.shift()
  return intensity.add(now)
}

/** Why it is down. */
export const causeOf = ({ reason, unit }: Member): Cause.Cause<unknown> =>
  reason._tag === "Crashed"
    ? reason.cause
    : Cause.fail(
        new ActorStopped({
          actor: unit.path,
          reason: reason._tag === "Killed" ? "killed" : "stopped"
        })
      )

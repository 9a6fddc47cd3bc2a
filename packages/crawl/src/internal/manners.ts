/** How a host is treated: when it may be asked, and what its answers tell about that. */
import * as Duration from "effect/Duration"
import { failuresMax, type Host, windowIsEmpty } from "./hosts.ts"
import * as Pace from "./pace.ts"
import { robotsUnavailable, State } from "./schema.ts"
import type { Conduct, RobotsOutcome } from "./settlement.ts"

const parkMillis = [1, 5, 15].map((minutes) => minutes * 60_000)
const restMaxMillis = 60_000
/** While a robots.txt is not to be had, the copy at hand is used, and it is asked for again after this. */
const robotsRetryMillis = 60 * 60 * 1000

/** How all pages of a host end whose robots.txt says, or stands for, that none may be fetched. */
export const endingOf = (robots: Host["robots"]) => {
  switch (robots._tag) {
    case "Unavailable":
      return { state: State.skipped, reason: robotsUnavailable, detail: undefined }
    case "Unreachable":
      return { state: State.failed, reason: robots.cause, detail: robots.detail }
    default:
      return undefined
  }
}

/** When the host can start a request: now, if that is not later; `undefined` while it cannot. */
export const startOf = (host: Host, perHost: number): number | undefined => {
  // A host that may be down is asked by one at a time.
  const limit = host.failures >= failuresMax ? 1 : perHost
  if (host.isAskingRobots || host.active >= limit) return undefined
  const isReady = !windowIsEmpty(host) || host.queued > 0 || mayTakeLate(host)
  if (!isReady && host.waiting === 0) return undefined
  const restsUntil = Math.max(host.dueMillis, host.parkedUntilMillis)
  return isReady ? restsUntil : Math.max(restsUntil, host.retryAt)
}

/** Whether everything else of the host is done, so that what was postponed has its turn. */
export const mayTakeLate = (host: Host): boolean => host.late > 0 && host.busyEarly === 0

/** Learns from how a request went. */
export const observe = (
  host: Host,
  startedMillis: number,
  { isAnswered, nowMillis, pauseUntilMillis }: Conduct,
  restMillis: number
): void => {
  if (pauseUntilMillis !== undefined) host.dueMillis = Math.max(host.dueMillis, pauseUntilMillis)
  if (isAnswered) {
    host.failures = 0
    host.parks = 0
    host.hasAnswered = true
    return
  }
  // Requests that were under way at the same time fail for one reason, which counts once.
  if (startedMillis < host.failedAtMillis) return
  host.failedAtMillis = nowMillis
  host.failures += 1
  if (host.failures >= failuresMax) {
    host.parkedUntilMillis = nowMillis + parkMillis[Math.min(host.parks, parkMillis.length - 1)]!
    host.parks += 1
  } else if (host.failures >= 2) {
    const rest = Math.min(restMillis * 2 ** (host.failures - 2), restMaxMillis)
    host.dueMillis = Math.max(host.dueMillis, nowMillis + rest)
  }
}

/** Whether failures of its requests are those of the host rather than of a page. */
export const isDown = (host: Host): boolean => host.failures >= failuresMax

/** How long it is left alone after the start of a request; the factor is drawn for each pause. */
export const pauseOf = (
  { delayMillis, pace, robots }: Host,
  factor: (() => number) | undefined
): number => {
  // Before the file is read, what the site asks for is not known.
  if (robots._tag !== "Rules") return delayMillis
  const pauseMillis = Pace.pauseOf(pace, delayMillis)
  if (factor === undefined) return pauseMillis
  const asked = Duration.toMillis(robots.robots.crawlDelay ?? Duration.zero)
  return Math.max(Math.min(asked, delayMillis), Math.round(pauseMillis * factor()))
}

/** Learns from the answer of a page how fast its host is to be asked. */
export const adapt = (
  host: Host,
  startedMillis: number,
  { isAnswered, isTooMuch = false, nowMillis }: Conduct,
  restMillis: number
): void => {
  if (!isAnswered) return
  const before = host.pace
  const answered = { startedMillis, nowMillis, isTooMuch }
  host.pace = Pace.learn(before, answered, host.delayMillis, restMillis)
  if (host.pace.refusedAtMillis === before.refusedAtMillis) return
  host.dueMillis = Math.max(host.dueMillis, nowMillis + host.pace.slowMillis)
}

/** Takes the rules of its robots.txt, or what there is instead of them. */
export const hearRobots = (host: Host, outcome: RobotsOutcome, nowMillis: number): void => {
  if (outcome._tag === "Later") {
    host.robotsAttempts += 1
    host.dueMillis = Math.max(host.dueMillis, outcome.dueMillis)
  } else if (outcome._tag === "Rules") {
    host.robotsAttempts = 0
    // The pause after robots.txt is the one that it asks for.
    host.dueMillis += outcome.delayMillis - host.delayMillis
    host.delayMillis = outcome.delayMillis
    host.robots = { ...outcome, untilMillis: nowMillis + outcome.keepMillis }
  } else if (host.robots._tag === "Rules") {
    // Rules that are too old are better than none (RFC 9309, 2.4).
    host.robots = { ...host.robots, untilMillis: nowMillis + robotsRetryMillis }
  } else {
    host.robots = outcome
  }
}

/** Tells the frontier what a job has brought. */
import * as Duration from "effect/Duration"
import type { CanonicalUrl } from "../CanonicalUrl.ts"
import type { Frontier, Page } from "../Frontier.ts"
import { causeOf } from "./causeOf.ts"
import type { Reading } from "./fetchPage.ts"
import type { RobotsAnswer } from "./fetchRobots.ts"

export const settlePage = (frontier: Frontier, page: Page, reading: Reading): void => {
  switch (reading._tag) {
    case "Row":
      for (const link of reading.links) {
        frontier.add({ ...link, depth: page.depth + 1, redirectedFrom: [] })
      }
      return frontier.answerPage(page, { _tag: "Done" })
    case "Redirect":
      return settleRedirect(frontier, page, reading.to)
    case "Skip":
      return frontier.answerPage(page, { _tag: "Skipped", reason: reading.reason })
    case "Fail":
      return frontier.answerPage(page, { _tag: "Failed", cause: reading.cause })
  }
}

const settleRedirect = (frontier: Frontier, page: Page, to: CanonicalUrl): void => {
  const redirectedFrom = [...page.redirectedFrom, page.key]
  const target = { ...to, depth: page.depth, redirectedFrom }
  // The same page under another spelling is still to be fetched.
  if (to.key === page.key) return frontier.answerPage(page, { _tag: "Again", page: target })
  // A site that sends its visitors to another host, such as www, is meant to be crawled there.
  if (page.depth === 0) frontier.allowHost(to.url.host)
  frontier.add(target)
  frontier.answerPage(page, { _tag: "Skipped", reason: "redirected" })
}

export const settleRobots = (
  frontier: Frontier,
  origin: string,
  answer: RobotsAnswer,
  pace: { readonly delay: Duration.Duration; readonly crawlDelayMax: Duration.Duration }
): void => {
  if (answer._tag === "Unreachable") {
    const cause = causeOf(answer.error)
    return frontier.answerRobots(origin, { _tag: "Unreachable", cause })
  }
  if (answer._tag === "Unavailable") return frontier.answerRobots(origin, answer)
  const asked = Duration.min(answer.robots.crawlDelay ?? Duration.zero, pace.crawlDelayMax)
  const delayMillis = Duration.toMillis(Duration.max(pace.delay, asked))
  frontier.answerRobots(origin, { ...answer, delayMillis })
}

/** Does the jobs of a crawl: fetches a page or a robots.txt, and says what has come of it. */
import type * as Fetcher from "@fibra/http/Fetcher"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { fromLink, type Options as UrlRules } from "../CanonicalUrl.ts"
import * as Frontier from "../Frontier.ts"
import type { Fields, Reject, Row } from "../Row.ts"
import { fetchPage, fetchSitemap, type Reading, type ReadOptions } from "./fetchPage.ts"
import { fetchRobots } from "./fetchRobots.ts"
import type * as Jobs from "./jobs.ts"
import { type Moment, type Policy, settlePage, settleRobots } from "./settle.ts"
import type * as ToRow from "./toRow.ts"

/**
 * What a crawl reports while it runs. A page fails when no attempt is left.
 *
 * @since 0.1.0
 */
export type Event<A = Fields> =
  | { readonly _tag: "Row"; readonly row: Row<A> }
  | ({ readonly _tag: "RowRejected" } & Reject)
  | { readonly _tag: "PageFailed"; readonly url: string; readonly cause: string }
  | { readonly _tag: "HostFailed"; readonly origin: string; readonly cause: string }

/**
 * The answer that a page has ended with, of any status.
 *
 * @since 0.1.0
 */
export interface Answer {
  /** The key of the page, which is the `url` of its row. */
  readonly key: string
  readonly fetched: Fetcher.Fetched
}

/** What a job has brought: first it is reported, then the frontier is told, then it is committed. */
export interface Visit<A> {
  readonly event: Event<A> | undefined
  /** What is written. */
  readonly given: ToRow.Given<A> | undefined
  /** Bytes that go into the archive. */
  readonly keptBytes: number
  /** Tells the frontier, and gives what is to be committed. */
  readonly answer: () => Frontier.Settlement
}

export interface Options<E, R, A> {
  readonly frontier: Frontier.Frontier
  readonly policy: Policy
  readonly reading: ReadOptions
  readonly toRow: ReturnType<typeof ToRow.make<A>>
  /** What is kept of an answer, if anything. */
  readonly keepAnswer: ((answer: Answer) => Effect.Effect<Uint8Array | undefined, E, R>) | undefined
  readonly productToken: string
  readonly sitemaps: boolean
  readonly urls: UrlRules
  readonly moment: () => Moment
}

export interface Visits<E, R, A> {
  readonly page: (
    fetcher: Fetcher.Fetcher["Service"],
    page: Frontier.Page
  ) => Effect.Effect<Visit<A>, E, R>
  readonly host: (
    fetcher: Fetcher.Fetcher["Service"],
    job: Extract<Jobs.Work, { readonly _tag: "FetchRobots" }>
  ) => Effect.Effect<Visit<A>>
}

export const make = <E, R, A>(options: Options<E, R, A>): Visits<E, R, A> => {
  const { frontier, keepAnswer, moment, policy, toRow } = options

  const visitPage = Effect.fnUntraced(function* (
    fetcher: Fetcher.Fetcher["Service"],
    page: Frontier.Page
  ): Effect.fn.Return<Visit<A>, E, R> {
    const fetch = Frontier.isSitemap(page) ? fetchSitemap : fetchPage
    const heard = keepAnswer === undefined ? undefined : listenTo(fetcher)
    const reading = yield* fetch(heard?.fetcher ?? fetcher, page, options.reading)
    const { isDown } = frontier.healthOf(page.url.origin)
    const settled = settlePage(page, reading, policy, moment(), isDown)
    const { admits, conduct, found } = settled
    const given =
      reading._tag === "Row" ? toRow(page, reading.row, reading.leads.canonical) : undefined
    const outcome = given === undefined ? settled.outcome : withGiven(settled.outcome, given)
    const fetched = heard?.last()
    const kept =
      fetched !== undefined && isEnd(outcome)
        ? yield* keepAnswer!({ key: page.key.replace(/#.*/, ""), fetched })
        : undefined
    return {
      event: given === undefined ? failedEvent(page, reading, outcome) : givenEvent(given),
      given,
      keptBytes: kept?.length ?? 0,
      answer: () => ({
        _tag: "Page",
        page,
        outcome,
        found: frontier.answerPage(page, outcome, conduct, found),
        admits,
        kept
      })
    }
  })

  const visitHost = Effect.fnUntraced(function* (
    fetcher: Fetcher.Fetcher["Service"],
    { attempts, origin }: Extract<Jobs.Work, { _tag: "FetchRobots" }>
  ): Effect.fn.Return<Visit<A>> {
    const answer = yield* fetchRobots(fetcher, origin, options.productToken)
    const { hasAnswered } = frontier.healthOf(origin)
    const settled = settleRobots(answer, attempts, policy, moment(), hasAnswered)
    const { conduct, outcome } = settled
    return {
      event: hostEvent(origin, outcome),
      given: undefined,
      keptBytes: 0,
      answer: () => {
        frontier.answerRobots(origin, outcome, conduct)
        return { _tag: "Robots", origin, outcome, found: sitemapsOf(origin, outcome) }
      }
    }
  })

  const sitemapsOf = (origin: string, outcome: Frontier.RobotsOutcome) => {
    if (!options.sitemaps || outcome._tag !== "Rules") return []
    return outcome.robots.sitemaps
      .map((link) => fromLink(link, new URL(origin), options.urls))
      .filter(Result.isSuccess)
      .map(({ success }) => ({ ...success, depth: 0, redirectedFrom: [], isSitemap: true }))
  }

  return { page: visitPage, host: visitHost }
}

/** A fetcher that remembers its last answer. */
const listenTo = (fetcher: Fetcher.Fetcher["Service"]) => {
  let last: Fetcher.Fetched | undefined
  return {
    last: () => last,
    fetcher: {
      ...fetcher,
      fetch: (...request) =>
        Effect.tap(fetcher.fetch(...request), (fetched) =>
          Effect.sync(() => {
            last = fetched
          })
        )
    } satisfies Fetcher.Fetcher["Service"] as Fetcher.Fetcher["Service"]
  }
}

/** Whether a page is not asked for again, and has said something new. */
const isEnd = (outcome: Frontier.PageOutcome): boolean =>
  outcome._tag === "Done"
    ? outcome.noRow?.reason !== "unchanged"
    : outcome._tag === "Skipped" || outcome._tag === "Failed"

const withGiven = (
  outcome: Frontier.PageOutcome,
  given: ToRow.Given<unknown>
): Frontier.PageOutcome => {
  if (outcome._tag !== "Done" || given._tag === "Row") return outcome
  if (given._tag === "LeftOut") return { ...outcome, noRow: { reason: "left out" } }
  if (given._tag === "Duplicate") {
    return {
      ...outcome,
      noRow: { reason: "duplicate", detail: `the row is that of ${given.owner}` }
    }
  }
  // Without validators a later visit reads it again, maybe with a schema that takes it.
  const noRow = { reason: "rejected", detail: given.reject.cause } as const
  return { ...outcome, noRow, validators: undefined, freshUntil: undefined }
}

const givenEvent = <A>(given: ToRow.Given<A>): Event<A> | undefined => {
  switch (given._tag) {
    case "Row":
      return given
    case "Rejected":
      return { _tag: "RowRejected", ...given.reject }
    case "LeftOut":
    case "Duplicate":
      return undefined
  }
}

const failedEvent = (
  page: Frontier.Page,
  reading: Reading,
  outcome: Frontier.PageOutcome
): Event<never> | undefined => {
  if (reading._tag !== "Fail" || outcome._tag !== "Failed") return undefined
  return { _tag: "PageFailed", url: page.key, cause: reading.message }
}

const hostEvent = (origin: string, outcome: Frontier.RobotsOutcome): Event<never> | undefined => {
  if (outcome._tag === "Unreachable") {
    return { _tag: "HostFailed", origin, cause: outcome.detail ?? outcome.cause }
  }
  if (outcome._tag !== "Unavailable") return undefined
  return { _tag: "HostFailed", origin, cause: "its robots.txt is not available for now" }
}

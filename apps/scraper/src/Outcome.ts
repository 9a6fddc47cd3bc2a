/** Which exit code a crawl has earned, and the line that explains it. */
import * as Program from "@fibra/cli/Program"
import type { Crawl, Decisions } from "@fibra/crawl"
import * as Effect from "effect/Effect"

/** Fails with exit code 8 when the account of a job is not what its URLs add up to. */
export const reconciled = (
  differences: ReadonlyArray<Decisions.Difference>
): Effect.Effect<void, Program.Stopped> => {
  if (differences.length === 0) return Effect.void
  const parts = differences.map(
    ({ account, found, sum }) => `${sum} ${account}, where there are ${found}`
  )
  const reason = `the account of the job is not that of its URLs: ${parts.join("; ")}`
  return Effect.fail(new Program.Stopped({ exitCode: 8, reason }))
}

/** Succeeds when all went well, else fails with the exit code of the first rule that applies. */
export const end = (
  account: Crawl.Snapshot,
  failShareMax: number
): Effect.Effect<void, Program.Stopped> => {
  const { done, failed, failedBy, hostsAnswered, left, rejected, skippedBy, stoppedAt } = account
  const stop = (exitCode: number, reason: string) =>
    Effect.fail(new Program.Stopped({ exitCode, reason }))
  const pages = (count: number) => `${count} ${count === 1 ? "page" : "pages"}`

  if (failed > 0 && hostsAnswered === 0) {
    const causes = Object.keys(failedBy)
    const hint = causes.some((cause) => cause.endsWith("address refused"))
      ? "; --allow-private lifts that"
      : ""
    const tls = (failedBy["certificate refused"] ?? 0) + (failedBy["no TLS"] ?? 0)
    const exitCode = tls === failed ? 5 : 4
    return stop(exitCode, `no page was fetched: ${causes.join(", ")}${hint}`)
  }
  if (stoppedAt === "hosts") {
    return stop(4, `no host answers any more; run the same command later for the ${left} URLs left`)
  }
  if (stoppedAt !== undefined) {
    return stop(9, `stopped at --max-${stoppedAt} with ${left} URLs left`)
  }
  const forbidden = (skippedBy["robots"] ?? 0) + (skippedBy["robots unavailable"] ?? 0)
  if (done === 0 && failed === 0 && forbidden > 0) {
    return skippedBy["robots"] === undefined
      ? stop(10, "no page was fetched: robots.txt is not available for now, which forbids all")
      : stop(10, "no page was fetched: robots.txt forbids all of them")
  }
  const ended = done + failed
  if (failed + rejected <= failShareMax * ended) return Effect.void
  const parts = [
    ...(failed > 0 ? [`${pages(failed)} of ${ended} failed`] : []),
    ...(rejected > 0
      ? [`the ${rejected === 1 ? "row" : "rows"} of ${pages(rejected)} rejected`]
      : [])
  ]
  return stop(8, parts.join(", "))
}

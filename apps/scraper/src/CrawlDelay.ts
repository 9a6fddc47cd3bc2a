/** What a crawl makes of the Crawl-delay of a robots.txt. */
import { Crawl, type Robots } from "@fibra/crawl"
import * as Duration from "effect/Duration"

/** For people; `undefined` when the file has none. */
export const describe = (
  { crawlDelay }: Robots.Robots,
  max?: Duration.Input
): string | undefined => {
  if (crawlDelay === undefined) return undefined
  const bound = Duration.fromInputUnsafe(max ?? Crawl.defaults.crawlDelayMax)
  const cut = Duration.isGreaterThan(crawlDelay, bound)
    ? `, of which a crawl keeps ${Duration.format(bound)}`
    : ""
  return `Crawl-delay ${Duration.format(crawlDelay)}${cut}`
}

/** Who the program says it is, and the fetcher that all commands share. */
import * as Program from "@fibra/cli/Program"
import * as Fetcher from "@fibra/http/Fetcher"
import type * as Duration from "effect/Duration"

/** The name that robots.txt rules are looked up by. */
export const productToken = "fibra-scraper"

export const fetcherLayer = (flags: {
  readonly allowPrivate: boolean
  readonly timeout: Duration.Duration
  readonly maxBody: number
}) =>
  Fetcher.layerNode({
    userAgent: `${productToken}/${Program.versionOf(import.meta.url)}`,
    allowPrivate: flags.allowPrivate,
    timeout: flags.timeout,
    bodyBytesMax: flags.maxBody
  })

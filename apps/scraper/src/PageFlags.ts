/** The flags that the commands for single URLs share. */
import * as Flags from "@fibra/cli/Flags"
import * as Redirects from "@fibra/http/Redirects"
import * as Flag from "effect/cli/Flag"
import { parameters } from "./CrawlFlags.ts"

const { agent, allowPrivate, config, contact, cookies, header, maxBody, proxy, timeout } =
  parameters

/** How a request is made, as in a crawl. */
export const net = {
  timeout,
  maxBody,
  agent,
  contact,
  header,
  cookies,
  proxy,
  config,
  allowPrivate
}

export const robots = Flags.described(
  Flag.Literals("robots", ["obey", "ignore"]),
  "Whether what robots.txt forbids is left alone; ignore says so on stderr",
  "obey"
)

export const maxRedirects = Flags.described(
  Flags.between("max-redirects", 0, 100),
  "Redirects to follow one after the other",
  Redirects.defaults.redirectsMax
)

export const json = Flags.described(Flag.Boolean("json"), "JSON on stdout instead of text", false)

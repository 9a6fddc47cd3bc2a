/** Who the program says it is, to sites and in their robots.txt. */
import * as Flags from "@fibra/cli/Flags"
import * as Program from "@fibra/cli/Program"
import { Robots } from "@fibra/crawl"
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"

/** The name that rules of robots.txt are looked up by, unless another one is given. */
export const productToken = "fibra-scraper"

const contactPattern = /^(https?:\/\/[^\s()]+|[^\s()@]+@[^\s()@]+)$/

export const parameters = {
  agent: Flags.described(
    Flag.String("agent").pipe(
      Flag.withMetavar("NAME[/VERSION]"),
      Flag.filter(
        (text) => /^[^/]*(\/[\w.+-]+)?$/.test(text) && Robots.isProductToken(tokenOf(text)),
        () => "a name of letters, - and _, and maybe / and a version: my-bot/1.0"
      )
    ),
    "Who it says it is; rules of robots.txt for this name hold",
    productToken
  ),
  contact: Flag.String("contact").pipe(
    Flag.withMetavar("URL|MAIL"),
    Flag.filter(
      (text) => contactPattern.test(text),
      () => "a page about the crawler, or a mail address"
    ),
    Flag.withDescription(
      "Where its sender can be reached: sites are told, and ask instead of blocking (default: not told)"
    ),
    Flag.optional
  )
}

export interface Parsed {
  readonly agent: string
  readonly contact: Option.Option<string>
}

const tokenOf = (agent: string): string => agent.split("/", 1)[0]!

export const productTokenOf = ({ agent }: Pick<Parsed, "agent">): string => tokenOf(agent)

/** `my-bot/1.0 (+https://me.example/bot)`, as is the custom. */
export const userAgentOf = ({ agent, contact }: Parsed): string => {
  const name = agent === productToken ? `${agent}/${Program.versionOf(import.meta.url)}` : agent
  return Option.match(contact, { onNone: () => name, onSome: (where) => `${name} (+${where})` })
}

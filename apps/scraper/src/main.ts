/** The `scraper` program. */
import * as Program from "@fibra/cli/Program"
import * as Command from "effect/cli/Command"
import { crawlCommand } from "./CrawlCommand.ts"
import { fetchCommand } from "./FetchCommand.ts"
import { resumeCommand, retryCommand, stopCommand, whyCommand } from "./JobCommands.ts"
import { robotsCommand } from "./RobotsCommand.ts"
import { sitemapCommand } from "./SitemapCommand.ts"

Command.make("scraper").pipe(
  Command.withDescription("Crawls web sites into files, politely and within bounds."),
  Command.withSubcommands([
    crawlCommand,
    resumeCommand,
    stopCommand,
    retryCommand,
    whyCommand,
    fetchCommand,
    robotsCommand,
    sitemapCommand
  ]),
  (command) => Program.run(command, { version: Program.versionOf(import.meta.url) })
)

/** The `scraper` program. */
import * as Program from "@fibra/cli/Program"
import * as Command from "effect/cli/Command"
import { benchCommand } from "./BenchCommand.ts"
import { withSettings } from "./Commands.ts"
import { crawlCommand } from "./CrawlCommand.ts"
import { exportCommand } from "./ExportCommand.ts"
import { extractCommand } from "./ExtractCommand.ts"
import { fetchCommand } from "./FetchCommand.ts"
import { resumeCommand, stopCommand, whyCommand } from "./JobCommands.ts"
import { retryCommand } from "./RetryCommand.ts"
import { robotsCommand } from "./RobotsCommand.ts"
import { sitemapCommand } from "./SitemapCommand.ts"
import { statusCommand } from "./StatusCommand.ts"
import { urlCommand } from "./UrlCommand.ts"

Command.make("scraper").pipe(
  Command.withDescription("Crawls web sites into files, politely and within bounds."),
  Command.withSubcommands([
    crawlCommand,
    resumeCommand,
    statusCommand,
    stopCommand,
    retryCommand,
    whyCommand,
    exportCommand,
    fetchCommand,
    robotsCommand,
    sitemapCommand,
    extractCommand,
    urlCommand,
    benchCommand
  ]),
  (command) =>
    Program.run(command, {
      version: Program.versionOf(import.meta.url),
      prepare: withSettings
    })
)

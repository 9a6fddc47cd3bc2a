/** The `scraper` program. */
import { Program } from "@fibra/cli"
import { Command } from "effect/cli"
import { crawlCommand } from "./CrawlCommand.ts"

Command.make("scraper").pipe(
  Command.withDescription("Crawls web sites into files, politely and within bounds."),
  Command.withSubcommands([crawlCommand]),
  (command) => Program.run(command, { version: Program.versionOf(import.meta.url) })
)

/** The commands whose flags can come from the environment and from a file. */
import { parameters as crawl } from "./CrawlFlags.ts"
import { parameters as fetch } from "./FetchCommand.ts"
import { parameters as robots } from "./RobotsCommand.ts"
import * as Settings from "./Settings.ts"
import { parameters as sitemap } from "./SitemapCommand.ts"

const commands = { crawl, fetch, robots, sitemap }

/** The arguments, with what the environment and the file of `--config` add. */
export const withSettings = (args: ReadonlyArray<string>) =>
  Settings.addTo(commands, args, process.env)

// The site of benchmarks/src/crawl/site.ts, crawled by Crawlee; the order is JSON in the argument.
import { CheerioCrawler, Configuration, Dataset, log, LogLevel } from "@crawlee/cheerio"
import { open } from "node:fs/promises"

const order = JSON.parse(process.argv[2])
log.setLevel(LogLevel.WARNING)
// A storage that is there is gone on with; a new folder has none.
const configuration = new Configuration({ persistStorage: order.durable, purgeOnStart: false })
const dataset = await Dataset.open(undefined, { config: configuration })

const crawler = new CheerioCrawler(
  {
    minConcurrency: order.connections,
    maxConcurrency: order.connections,
    maxRequestRetries: order.retries,
    respectRobotsTxtFile: true,
    sameDomainDelaySecs: order.delaySeconds,
    requestHandler: async ({ $, enqueueLinks, request }) => {
      await dataset.pushData({
        url: request.loadedUrl,
        title: $("title").text(),
        price: $(".price").text()
      })
      await enqueueLinks()
    }
  },
  configuration
)
const { requestsFailed } = await crawler.run(order.seeds)

const file = await open(order.rowsPath, "w")
const pageRows = 10_000
for (let offset = 0, total = 1; offset < total; offset += pageRows) {
  const page = await dataset.getData({ offset, limit: pageRows })
  total = page.total
  if (page.items.length === 0) break
  await file.write(page.items.map((row) => `${JSON.stringify(row)}\n`).join(""))
}
await file.close()
process.exitCode = requestsFailed > 0 ? 1 : 0

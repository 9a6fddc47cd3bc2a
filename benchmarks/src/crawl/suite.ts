/** The scraper, as a whole program, beside Scrapy, Crawlee, and what one writes by hand with aiohttp. */
import type { Goal, Suite } from "../workload.ts"
import { workloads as crash } from "./crash.ts"
import { workloads as frontier } from "./frontier.ts"
import { workloads as politeness } from "./politeness.ts"
import { workloads as speed } from "./speed.ts"

const ours = { workload: "durable, quick server", contender: "scraper", size: 2_000 }

/** How often a peer needs the time of our durable crawl. */
const faster = (workload: string, contender: string, atLeast: number): Goal => ({
  value: { workload, contender, size: 2_000 },
  over: ours,
  limit: { atLeast }
})

/** Something that was counted, in each of the runs. */
const counted = (workload: string, size: number, fact: string, limit: Goal["limit"]): Goal => ({
  value: { workload, contender: "scraper", size, fact },
  limit
})

/** The budgets of the architecture that are about crawling. */
const goals: ReadonlyArray<Goal> = [
  faster("durable, quick server", "Scrapy", 8),
  faster("durable, quick server", "Crawlee", 10),
  faster("volatile, quick server", "aiohttp + lxml", 1),
  counted("crash", 1_000, "rows lost", { atMost: 0 }),
  counted("crash", 1_000, "rows doubled", { atMost: 0 }),
  counted("crash", 1_000, "lines torn or wrong", { atMost: 0 }),
  counted("crash", 1_000, "exit code", { atMost: 0 }),
  // As the server sees it: one request may be on its way longer than the next.
  counted("politeness", 20, "shortest pause, ms", { atLeast: 950 }),
  counted("frontier", 200_000, "peak memory, MiB", { atMost: 350 }),
  counted("frontier", 200_000, "peak after a quarter ÷ before", { atMost: 1.15 }),
  counted("frontier", 200_000, "end ÷ start", { atLeast: 0.8 })
]

export const crawl: Suite = {
  workloads: [speed, crash, politeness, frontier].flat(),
  goals
}

/** Chapter 6: what it is used for. */
import type { Chapter } from "../Lesson.ts"

export const work: Chapter = {
  name: "work",
  title: "Professional uses",
  lessons: [
    {
      file: "21-scraping",
      title: "Mass scraping: polite, bounded, and one broken page stops nothing",
      uses: "Crawl of @fibra/crawl and Fetcher of @fibra/http: robots.txt, a pace for each host, limits on what strangers send.",
      differences: [
        "With aiohttp all of this is written by hand; Scrapy brings it, on a loop of its own.",
        "The account is right at every moment: discovered = done + failed + skipped + left."
      ],
      twin: "none",
      outside: "real",
      load: () => import("../lessons/21-scraping.ts")
    },
    {
      file: "22-api",
      title: "API integration: cursors, typed answers, retries",
      uses: "effect/http and Schema: retries, limits and decoding are there, so nothing is wrapped. Deadline of @fibra/tasks bounds all retries together.",
      differences: [
        "retryTransient knows which answers pass, and waits as long as Retry-After says.",
        "An answer of another form is a typed error at the border, not a KeyError somewhere else.",
        "A stream of pages is asked for the next one only when somebody wants it."
      ],
      twin: "none",
      outside: "simulated",
      load: () => import("../lessons/22-api.ts")
    },
    {
      file: "23-etl",
      title: "ETL: extract, check, load in batches, and lose nothing",
      uses: "Stream of Effect for the flow and its backpressure, JsonlSink of @fibra/files for what is rejected.",
      differences: [
        "The queue, its end and its size are part of the stream: nobody puts None into it.",
        "What is rejected is in a file, with its reason, and received = loaded + rejected is asserted."
      ],
      twin: "same",
      outside: "real",
      load: () => import("../lessons/23-etl.ts")
    },
    {
      file: "24-monitoring",
      title: "Monitoring: collect in real time, and tell only what is new",
      uses: "Schedule, PubSub and Stream of Effect; Task.race ends the probes when nobody listens any more.",
      differences: [
        "A schedule is a value: spaced, fixed, with jitter, and the same for retries.",
        "asyncio has no broadcast: one writes a list of queues, and decides about slow readers by oneself."
      ],
      twin: "none",
      outside: "simulated",
      load: () => import("../lessons/24-monitoring.ts")
    },
    {
      file: "25-chat",
      title: "Chat: a WebSocket server and two clients",
      uses: "effect/http, effect/socket and PubSub; Task.race ties the two directions of a connection together.",
      differences: [
        "The standard library of Python has no WebSockets.",
        "A reader that is too slow misses old messages, because the room slides. With an unbounded queue for each reader it fills the memory."
      ],
      twin: "none",
      outside: "real",
      load: () => import("../lessons/25-chat.ts")
    },
    {
      file: "26-microservice",
      title: "Microservices: a deadline that goes from service to service",
      uses: "Deadline of @fibra/tasks: what is called can read the time that is left, and hand it on.",
      differences: [
        "A timeout in asyncio is known only to who set it, so each service has its own, and they do not fit together.",
        "Work for a caller that has given up is wasted. Here the service that is asked knows the time, and gives up by itself."
      ],
      twin: "none",
      outside: "simulated",
      load: () => import("../lessons/26-microservice.ts")
    }
  ]
}

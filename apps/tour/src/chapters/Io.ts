/** Chapter 4: the network and files. */
import type { Chapter } from "../Lesson.ts"

export const io: Chapter = {
  name: "io",
  title: "Network and files",
  lessons: [
    {
      file: "14-http",
      title: "Parallel HTTP requests, three at a time",
      uses: "effect/http for the client and the server, Task.gather for the limit; @fibra/http is for pages that strangers serve.",
      differences: [
        "The standard library of Python has no asynchronous HTTP client: people use aiohttp or httpx. Effect brings one.",
        "Interrupting a request closes its connection. A thread that waits in http.client cannot be cancelled."
      ],
      twin: "same",
      outside: "simulated",
      load: () => import("../lessons/14-http.ts")
    },
    {
      file: "15-files",
      title: "Asynchronous files: many writers, whole lines, an atomic end",
      uses: "effect's FileSystem to read, JsonlSink of @fibra/files to write: it batches, and publishes the file in one step.",
      differences: [
        "Node's files are asynchronous. aiofiles, as asyncio.to_thread here, hands each call to a thread.",
        "One writer takes the rows of all and writes many at once, in place of a lock and a call for each row.",
        "Readers see the old file or the new one, after a crash too: fsync and rename are part of finish."
      ],
      twin: "same",
      outside: "simulated",
      load: () => import("../lessons/15-files.ts")
    }
  ]
}

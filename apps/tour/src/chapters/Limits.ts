/** Chapter 2: how many at once, and what goes between them. */
import type { Chapter } from "../Lesson.ts"

export const limits: Chapter = {
  name: "limits",
  title: "Limits and queues",
  lessons: [
    {
      file: "07-semaphore",
      title: "A number of permits, served in order of arrival",
      uses: "Semaphore of @fibra/tasks: fair, and as cheap with 100,000 waiters as with ten, which Effect's own is not.",
      differences: [
        "A permit is held for the time that an effect runs. There is no release() to forget, or to call twice.",
        "withPermits(3) takes several at once, and smaller requests that come later do not overtake it.",
        "A task that is interrupted while it waits, or holds, leaves the count right."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/07-semaphore.ts")
    },
    {
      file: "08-global-limit",
      title: "One limit over thousands of jobs, wherever they start",
      uses: "Semaphore of @fibra/tasks where a limit is shared; plain Effect.all with concurrency where it is not.",
      differences: [
        "asyncio makes all of its tasks at once, and most of them wait. With { concurrency: 50 } there are never more than fifty fibers.",
        "A semaphore may be changed while it is used: resize(10)."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/08-global-limit.ts")
    },
    {
      file: "09-queue",
      title: "Producer and consumers: backpressure, and knowing when all is done",
      uses: "WorkQueue of @fibra/tasks: Effect's Queue is bounded too, but does not know when what was taken is done.",
      differences: [
        "consume calls task_done by itself, also when a handler fails or is interrupted.",
        "Consumers end when the queue is shut down and empty; asyncio has shutdown from Python 3.13 on, and until then they are cancelled.",
        "A capacity must be given. asyncio's default is a queue without a bound."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/09-queue.ts")
    }
  ]
}

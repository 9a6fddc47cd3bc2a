/** Chapter 1: coroutines, tasks and groups. */
import type { Chapter } from "../Lesson.ts"

export const tasks: Chapter = {
  name: "tasks",
  title: "Coroutines, tasks and groups",
  lessons: [
    {
      file: "01-event-loop",
      title: "The event loop and its coroutines: who runs when",
      uses: "Effect alone, but for gather: an effect is what a coroutine is, and fibers are what the loop runs.",
      differences: [
        "A coroutine can be awaited once, and warns if it never is. An effect is a description: run it never, once, or again and again.",
        "Both change places only where one waits: at an await, at a yield*. A fiber also yields by itself after 2,048 steps.",
        "There is no async and no await: what runs under Effect is a value of type Effect<Result, Error, Needs>, and all three are checked."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/01-event-loop.ts")
    },
    {
      file: "02-task",
      title: "A coroutine against a task: one by one, or side by side",
      uses: "Effect alone: forkChild is create_task, and a child cannot outlive its parent.",
      differences: [
        "A task that nobody keeps may vanish in the middle of its run. A fiber has a parent, which ends it and waits for it.",
        "Both start at the next suspension of who made them; { startImmediately: true } is the eager task of Python 3.12."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/02-task.ts")
    },
    {
      file: "03-gather",
      title: "Several at once, results in order, and what a failure does",
      uses: "Task.gather of @fibra/tasks: with Effect.all, a bug in the cleanup of one task turns the typed failure of another into a defect.",
      differences: [
        "The first failure of a gather leaves the others running, and nobody sees what becomes of them. Here it interrupts them, waits, and has all causes.",
        'return_exceptions=True mixes results and exceptions in one list. mode: "settle" gives an Exit for each, with its types.',
        "{ concurrency: 10 } is a limit, without a semaphore."
      ],
      twin: "differs",
      printsOtherwise:
        "A failed gather leaves its other tasks running, without an owner; ours interrupts and awaits them.",
      outside: "none",
      load: () => import("../lessons/03-gather.ts")
    },
    {
      file: "04-task-group",
      title: "A group owns its tasks, and ends when all of them have",
      uses: "TaskGroup of @fibra/tasks: Effect has FiberSet, whose failures are lost unless somebody joins it.",
      differences: [
        "Errors come in one typed cause, not in an ExceptionGroup that except* takes apart.",
        'policy: "supervise" lets each task fail alone, and reports who did. asyncio has no such group.',
        "concurrency: 10 makes spawn wait for a place, and group.cancel(reason) ends a group early, which Python has from 3.15 on."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/04-task-group.ts")
    },
    {
      file: "05-wait",
      title: "The first, or all within a time, and who is still pending",
      uses: "Task.wait of @fibra/tasks: Effect has no wait that gives back who is done and who is not.",
      differences: [
        "done and pending are in argument order, not sets.",
        "Pending tasks have an owner: if nobody interrupts them, the end of their parent does."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/05-wait.ts")
    },
    {
      file: "06-as-completed",
      title: "Each result as soon as it is there",
      uses: "Task.asCompleted of @fibra/tasks: as Stream.mapEffect with unordered, and with all causes where several tasks fail.",
      differences: [
        "A limit is part of it, so the semaphore is gone.",
        "The source is read as results are taken. It may be an endless generator: there are never more tasks than the limit."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/06-as-completed.ts")
    }
  ]
}

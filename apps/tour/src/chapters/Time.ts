/** Chapter 3: timeouts and cancellation. */
import type { Chapter } from "../Lesson.ts"

export const time: Chapter = {
  name: "time",
  title: "Timeouts and cancellation",
  lessons: [
    {
      file: "10-timeout",
      title: "Give up after a time, when cleanup is over",
      uses: "Deadline of @fibra/tasks: Effect.timeout loses failures of the cleanup, and its error does not say whose time was up.",
      differences: [
        "The error says which deadline it was, and how long the work had run.",
        "What is called can read the time that is left, so retries and requests need no timeouts of their own.",
        "What fails in cleanup is part of the cause, beside the timeout."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/10-timeout.ts")
    },
    {
      file: "11-cancellation",
      title: "Cleanup runs, and whoever asked waits for it",
      uses: "Effect alone: interruption is one of the things that it does best.",
      differences: [
        "cancel() only asks; Fiber.interrupt asks and waits for the cleanup.",
        "An interrupt is no exception: a handler that catches everything does not see it, so nobody can swallow it, and nobody has to raise it again."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/11-cancellation.ts")
    },
    {
      file: "12-cancel-pending",
      title: "Start many, wait a while, end what is left",
      uses: "Task.collect of @fibra/tasks: the four calls that everybody writes, in one that cannot be done wrong.",
      differences: [
        "Results, failures and those that were ended come apart, with their types and their places.",
        "It returns when the cleanup of all is over, and a failure in it is in `failed`."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/12-cancel-pending.ts")
    },
    {
      file: "13-shield",
      title: "Whoever waits may give up, and the work goes on",
      uses: "Task.shield of @fibra/tasks: a fork into a scope, which also reports the errors that nobody has read.",
      differences: [
        "Shielded work belongs to a scope, which ends it at the latest, and reports what went wrong in it.",
        "The waiter gets the result later, as often as it likes."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/13-shield.ts")
    }
  ]
}

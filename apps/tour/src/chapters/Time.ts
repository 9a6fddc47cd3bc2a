/** Chapter 3: timeouts and cancellation. */
import type { Chapter } from "../Lesson.ts"

export const time: Chapter = {
  name: "time",
  title: "Timeouts and cancellation",
  lessons: [
    {
      file: "11-cancellation",
      title: "Cleanup runs, and whoever asked waits for it",
      uses: "Effect alone: interruption is one of the things that it does best.",
      differences: [
        "cancel() only asks; Fiber.interrupt asks and waits for the cleanup.",
        "An interrupt is no exception: no handler of errors can swallow it, and nobody has to raise it again."
      ],
      twin: "same",
      isVirtual: true,
      load: () => import("../lessons/11-cancellation.ts")
    }
  ]
}

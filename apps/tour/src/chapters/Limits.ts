/** Chapter 2: how many at once. */
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
      isVirtual: true,
      load: () => import("../lessons/07-semaphore.ts")
    }
  ]
}

/** Chapter 1: coroutines, tasks and groups. */
import type { Chapter } from "../Lesson.ts"

export const tasks: Chapter = {
  name: "tasks",
  title: "Coroutines, tasks and groups",
  lessons: [
    {
      file: "05-wait",
      title: "The first, or all within a time, and what is still pending",
      uses: "Task.wait of @fibra/tasks: Effect has no wait that gives back who is done and who is not.",
      differences: [
        "`done` and `pending` are in argument order, not sets.",
        "Pending tasks have an owner: if nobody interrupts them, the end of the parent does."
      ],
      twin: "same",
      isVirtual: true,
      load: () => import("../lessons/05-wait.ts")
    }
  ]
}

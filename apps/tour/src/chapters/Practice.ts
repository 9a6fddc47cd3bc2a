/** Chapter 5: good practice. */
import type { Chapter } from "../Lesson.ts"

export const practice: Chapter = {
  name: "practice",
  title: "Good practice",
  lessons: [
    {
      file: "16-blocking",
      title: "Do not block the loop: compute elsewhere",
      uses: "Cpu of @fibra/compute: worker threads that are called like functions, and typed from their module.",
      differences: [
        "Threads of CPython take turns at one interpreter lock. A worker runs beside the loop, on a processor of its own.",
        "The call can be interrupted, and then the function stops. to_thread goes on to its end.",
        "Arguments and results are copied."
      ],
      twin: "same",
      outside: "real",
      load: () => import("../lessons/16-blocking.ts")
    },
    {
      file: "17-processes",
      title: "CPU-bound work on several processors",
      uses: "Cpu of @fibra/compute: threads take the place of Python's processes, for a worker has a heap of its own.",
      differences: [
        "No pickle, no __main__ guard: what is copied is what structuredClone can copy, and other things do not compile.",
        "A timeout ends the function in the middle of its loop. A call of a ProcessPoolExecutor that has started runs to its end."
      ],
      twin: "differs",
      printsOtherwise:
        "An endless function in a process pool cannot be stopped, so only ours shows it.",
      outside: "real",
      load: () => import("../lessons/17-processes.ts")
    },
    {
      file: "18-watch",
      title: "Watch what is late, cancelled or failed",
      uses: "Effect.onExit, and Deadline of @fibra/tasks for errors that say whose deadline it was. Metric of Effect exports such counts.",
      differences: [
        "The end of a task is a value, Exit, which says whether it was interrupted, failed or has a bug. Exception types are not asked.",
        "add_done_callback runs later, and its own errors go to the log of the loop. onExit is part of the task."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/18-watch.ts")
    },
    {
      file: "19-points",
      title: "Document where tasks meet: names, and a list from the run itself",
      uses: "Task.named and Waits of @fibra/tasks: every primitive says who waits for it, and who holds it.",
      differences: [
        "asyncio knows the names of tasks, and from 3.14 on the line where each one waits; not what it waits for, and who holds that.",
        "Names form paths, such as kitchen/waiter, and children inherit them."
      ],
      twin: "none",
      outside: "none",
      load: () => import("../lessons/19-points.ts")
    },
    {
      file: "20-host-loop",
      title: "A loop of your own: fibers inside a foreign framework",
      uses: "HostLoop of @fibra/tasks: a scheduler made of one function, and it runs every step inside of the host.",
      differences: [
        "asyncio's loop is stopped and started for each turn, or subclassed. Here the host only has to call back.",
        "Fibers that a timer or a promise wakes elsewhere go on inside of the host too."
      ],
      twin: "same",
      outside: "none",
      load: () => import("../lessons/20-host-loop.ts")
    }
  ]
}

/** Chapter 7: what asyncio has not. */
import type { Chapter } from "../Lesson.ts"

export const beyond: Chapter = {
  name: "beyond",
  title: "What asyncio has not",
  lessons: [
    {
      file: "27-supervision",
      title: "Supervision: let it crash, and start it again",
      uses: "@fibra/actors: state that one message at a time touches, and supervisors that do as OTP's.",
      differences: [
        "In asyncio a task that dies is gone, and its queue waits for nobody. Restarts are written by hand.",
        "Whoever asked is told at once, and messages that waited are handled by the next life."
      ],
      twin: "none",
      outside: "none",
      load: () => import("../lessons/27-supervision.ts")
    },
    {
      file: "28-race",
      title: "Find a race, and replay it from one word",
      uses: "Simulation of @fibra/testing: the program as it is, in hundreds of orders, on a clock that never waits.",
      differences: [
        "A test sees the one order that the loop happens to take, and production sees the others.",
        "A failure is made as small as possible, and one seed brings it back."
      ],
      twin: "none",
      outside: "none",
      load: () => import("../lessons/28-race.ts")
    }
  ]
}

/** The tasks that can run now, in the order in which they will. */

export interface Task {
  readonly run: () => void
}

export interface ReadyQueue<T extends Task> {
  readonly size: number
  /** Puts a task at the end, or before the last `passes` tasks. */
  push(task: T, passes: number): void
  /** Takes out the first task of a queue that has one. */
  shift(): T
}

export const make = <T extends Task>(): ReadyQueue<T> => {
  let tasks: Array<T | undefined> = []
  // Those before `head` are gone: taking from the front of an array would move all of the others.
  let head = 0
  return {
    get size() {
      return tasks.length - head
    },
    push: (task, passes) => {
      if (passes === 0) tasks.push(task)
      else tasks.splice(tasks.length - passes, 0, task)
    },
    shift: () => {
      const first = tasks[head]!
      tasks[head++] = undefined
      if (head === tasks.length) {
        tasks = []
        head = 0
      } else if (head > 1024 && head * 2 > tasks.length) {
        tasks = tasks.slice(head)
        head = 0
      }
      return first
    }
  }
}

export * as Deadline from "./Deadline.ts"
export * as Semaphore from "./Semaphore.ts"
export * as Task from "./Task.ts"
export * as Waits from "./Waits.ts"

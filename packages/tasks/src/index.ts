export * as Task from "./Task.ts"

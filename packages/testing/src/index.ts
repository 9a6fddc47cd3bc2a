export * as Leaks from "./Leaks.ts"
export * as SimFileSystem from "./SimFileSystem.ts"
export * as SimNet from "./SimNet.ts"
export * as Simulation from "./Simulation.ts"

export * as SimNet from "./SimNet.ts"
export * as Simulation from "./Simulation.ts"

export * as Cpu from "./Cpu.ts"
export * as CpuError from "./CpuError.ts"

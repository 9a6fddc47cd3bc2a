export * as FileSink from "./FileSink.ts"
export * as Format from "./Format.ts"
export * as JsonlSink from "./JsonlSink.ts"
export * as TargetLock from "./TargetLock.ts"

export * as JsonlSink from "./JsonlSink.ts"

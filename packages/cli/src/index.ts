export * as Flags from "./Flags.ts"
export * as Program from "./Program.ts"
export * as SchemaModule from "./SchemaModule.ts"

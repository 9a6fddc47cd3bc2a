/** Where the module of the CPU lessons is: a source here, built in a published package. */
export const module = new URL(
  import.meta.url.endsWith(".ts") ? "./work/cpu.ts" : "./work/cpu.js",
  import.meta.url
)

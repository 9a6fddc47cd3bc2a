/**
 * Compares programs of asyncio with their twins here: the rules of `packages/tasks/parity`, then the
 * lessons of `apps/tour`. With `--record`, what they print is kept.
 */
await import("../packages/tasks/parity/run.ts")
const lessons = await import("./internal/lessonParity.ts")
if (!(await lessons.run(process.argv.includes("--record")))) process.exitCode = 1

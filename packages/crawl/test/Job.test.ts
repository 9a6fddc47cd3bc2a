import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import * as Job from "../src/Job.ts"

describe("Job", () => {
  it.live.skipIf(process.platform === "win32")(
    "JOB3: the files of a job are for its user only",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const directory = `${yield* fs.makeTempDirectoryScoped()}/job`
        const job = yield* Job.open(directory)
        yield* Job.remember(job, "command", "--header authorization:secret")
        for (const suffix of ["", "-wal", "-shm"]) {
          const { mode } = yield* fs.stat(`${directory}/${Job.fileName}${suffix}`)
          assert.strictEqual(mode & 0o777, 0o600, suffix)
        }
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

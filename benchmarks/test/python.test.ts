import { assert, describe, it } from "@effect/vitest"
import { start } from "../src/process.ts"
import { type PythonVersion, pythonWith } from "../src/python.ts"
import { workloads } from "./support/workload.ts"

const python = (command: string, packages: PythonVersion["packages"]): PythonVersion => ({
  command,
  executable: command,
  version: "3.11.0",
  packages
})
const bare = python("bare", {})
const files = python("files", { aiofiles: "23.1.0" })

describe("python", () => {
  it("a contender runs on the first Python that has what it needs", () => {
    assert.strictEqual(pythonWith([bare, files], []), bare)
    assert.strictEqual(pythonWith([bare, files], ["aiofiles"]), files)
    assert.strictEqual(pythonWith([bare, files], ["aiofiles", "uvloop"]), undefined)
  })
  it("without one, its row says what is not installed", async () => {
    const [workload] = workloads
    const [outcome] = await start(workload, "python with aiofiles", {
      pythons: [bare],
      erlang: undefined
    })
    assert.deepStrictEqual(outcome, { _tag: "notInstalled", text: "aiofiles" })
  })
})

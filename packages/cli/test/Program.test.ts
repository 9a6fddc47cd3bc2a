import { execFile, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Program from "../src/Program.ts"

const program = fileURLToPath(new URL("fixtures/program.ts", import.meta.url))

/** Runs the program; each time it prints one of the lines, the signal beside it is sent. */
const run = (args: ReadonlyArray<string>, signals: Record<string, NodeJS.Signals> = {}) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, ["--conditions=@fibra/source", program, ...args])
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk
      const signal = signals[chunk.toString().trim()]
      if (signal !== undefined) child.kill(signal)
    })
    child.stderr.on("data", (chunk) => (stderr += chunk))
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

describe.concurrent("Program", () => {
  it("CLI1: success and help exit 0", async () => {
    assert.deepStrictEqual(await run(["ok"]), { code: 0, stdout: "fine\n", stderr: "" })
    for (const args of [["--help"], []]) {
      const { code, stderr, stdout } = await run(args)
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.include(stdout, "SUBCOMMANDS")
    }
  })

  it("CLI2: wrong usage is one line and exit code 2", async () => {
    const { code, stderr } = await run(["ok", "--nope"])
    assert.strictEqual(code, 2)
    assert.strictEqual(
      stderr,
      "program: Unrecognized flag: --nope in command program ok (see program ok --help)\n"
    )
  })

  it("CLI3, CLI7: Stopped gives its exit code and a harmless line", async () => {
    const stopped = { code: 42, stdout: "", stderr: "program: enough for [31mtoday\n" }
    assert.deepStrictEqual(await run(["stopped"]), stopped)
    assert.deepStrictEqual(await run(["silent"]), { code: 43, stdout: "", stderr: "" })
  })

  it("CLI4: other failures exit 1, and debug shows their cause", async () => {
    const failed = { code: 1, stdout: "", stderr: "program: no luck\n" }
    assert.deepStrictEqual(await run(["failed"]), failed)
    assert.deepStrictEqual((await run(["defect"])).stderr, "program: a bug\n")
    const debug = await run(["defect", "--log-level", "debug"])
    assert.match(debug.stderr, /^program: a bug\nTypeError: a bug\n +at /)
  })

  it("CLI5: the first signal waits for the finalizers", async () => {
    const cleaned = { stdout: "ready\ncleaning\n", stderr: "" }
    const interrupted = await run(["waiting"], { ready: "SIGINT" })
    assert.deepStrictEqual(interrupted, { code: 130, ...cleaned })
    const terminated = await run(["waiting"], { ready: "SIGTERM" })
    assert.deepStrictEqual(terminated, { code: 143, ...cleaned })
  })

  it("CLI6: a second signal does not wait", async () => {
    const ended = await run(["waiting", "--hang"], { ready: "SIGTERM", cleaning: "SIGINT" })
    assert.strictEqual(ended.code, 130)
    assert.match(ended.stderr, /by a second signal\. Tasks that did not finish: 1\n {2}main\n/)
  })

  it("CLI7: printable text is one line without control characters", () => {
    assert.strictEqual(Program.printable("a\r\n\tb\u0000\u001b[2J\u009b5m \u00e9"), "a b[2J5m é")
  })

  it("CLI8: --version is that of the package", async () => {
    assert.include((await run(["--version"])).stdout, "9.8.7")
  })

  it("CLI9: a stdout that takes no more interrupts the command", async () => {
    const command = `'${process.execPath}' --conditions=@fibra/source '${program}' chatty`
    const shell = (script: string) =>
      promisify(execFile)("bash", ["-o", "pipefail", "-c", script]).then(
        () => assert.fail("it ended as if all was well"),
        ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, stderr })
      )
    assert.deepStrictEqual(await shell(`${command} | head -n 1`), {
      code: 141,
      stderr: "cleaning\n"
    })
    const full = await shell(`${command} > /dev/full`)
    assert.strictEqual(full.code, 3)
    assert.match(full.stderr, /^program: cannot write to stdout: ENOSPC.*\ncleaning\n$/)
  })
})

describe.concurrent("Flags", () => {
  it.each([
    [["--delay", "1.5s", "--size", "64KiB"], { delay: 1500, size: 65_536 }],
    [["--delay", "500ms", "--size", "1.5MiB"], { delay: 500, size: 1_572_864 }],
    [["--delay", "2", "--size", "7", "--share", "12.5%"], { delay: 2000, size: 7, share: 0.125 }],
    [["--delay=2m", "--count", "5"], { delay: 120_000, count: 5 }]
  ])("FLG1: %j is understood", async (args, expected) => {
    const { stdout } = await run(["show", ...args])
    const { count, delay, share, size } = JSON.parse(stdout)
    const delayMillis = typeof delay === "number" ? delay : (delay.millis ?? 0)
    assert.include({ count, share, size, delay: delayMillis }, expected)
  })

  it.each([
    [["--delay", "soon"], "a time such as"],
    [["--delay", "-1s"], "delay"],
    [["--size", "1.5"], "a size such as"],
    [["--size", "10 parsecs"], "a size such as"],
    [["--share", "101%"], "a share such as"],
    [["--share", "0.5"], "a share such as"],
    [["--count", "6"], "a whole number from 1 to 5"],
    [["--count", "1.5"], "count"]
  ])("FLG2: %j is refused", async (args, expected) => {
    const { code, stderr } = await run(["show", ...args])
    assert.strictEqual(code, 2)
    assert.include(stderr, expected)
    assert.strictEqual(stderr.trimEnd().split("\n").length, 1)
  })

  it("FLG3: defaults are used and stated", async () => {
    const { stdout: help } = await run(["show", "--help"])
    for (const text of ["(default: none)", "(default: 1)", "(default: 100%)", "(default: 3)"]) {
      assert.include(help, text)
    }
    const { count, share, size } = JSON.parse((await run(["show"])).stdout)
    assert.deepStrictEqual([count, share, size], [3, 1, 1])
  })
})

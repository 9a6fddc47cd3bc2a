import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"

const program = fileURLToPath(new URL("../fixtures/main-program.ts", import.meta.url))

/** Runs a program of the fixture; `onLine` may answer a line on its stdout with a signal. */
const run = async (
  args: ReadonlyArray<string>,
  onLine: (line: string) => NodeJS.Signals | undefined = () => undefined
) => {
  const child = spawn(process.execPath, ["--conditions=@fibra/source", program, ...args], {
    stdio: ["ignore", "pipe", "pipe"]
  })
  const lines: Array<string> = []
  let stderr = ""
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line)
    const signal = onLine(line)
    if (signal !== undefined) child.kill(signal)
  })
  const [code] = (await once(child, "close")) as [number | null]
  return { code, lines, stderr }
}

const sigintAt =
  (...when: ReadonlyArray<string>) =>
  (line: string) =>
    when.includes(line) ? "SIGINT" : undefined

describe.concurrent("Main", () => {
  it("MAIN1: a program that succeeds ends with 0", async () => {
    const { code, lines, stderr } = await run(["succeeds"])
    assert.deepStrictEqual([code, lines, stderr], [0, ["done"], ""])
  })

  it("MAIN1: a failure or a defect is printed on stderr and ends with 1", async () => {
    for (const [name, message] of [
      ["fails", "engine"],
      ["dies", "gear"]
    ]) {
      const { code, lines, stderr } = await run([name!])
      assert.deepStrictEqual([code, lines], [1, []])
      assert.include(stderr, `Broken: ${message} is broken`)
    }
  })

  it("MAIN1: a program that interrupts itself ends with 130", async () => {
    const { code, stderr } = await run(["interrupts"])
    assert.deepStrictEqual([code, stderr], [130, ""])
  })

  it("MAIN2: an error may bring its own exit code, and ask not to be printed", async () => {
    const { code, stderr } = await run(["refuses"])
    assert.deepStrictEqual([code, stderr], [8, ""])
  })

  it("MAIN3: the first SIGINT interrupts and waits for cleanup: 130", async () => {
    const { code, lines, stderr } = await run(["cleans"], sigintAt("ready"))
    assert.deepStrictEqual([code, lines, stderr], [130, ["ready", "cleaned"], ""])
  })

  it("MAIN3: SIGTERM does the same: 143", async () => {
    const { code, lines, stderr } = await run(["cleans"], (line) =>
      line === "ready" ? "SIGTERM" : undefined
    )
    assert.deepStrictEqual([code, lines, stderr], [143, ["ready", "cleaned"], ""])
  })

  it("MAIN4: an error in the cleanup is printed, and ends with 1", async () => {
    const { code, lines, stderr } = await run(["cleanupFails"], sigintAt("ready"))
    assert.deepStrictEqual([code, lines], [1, ["ready"]])
    assert.include(stderr, "Broken: disk is broken")
  })

  it("MAIN5: a second signal stops at once and names the tasks that did not finish", async () => {
    const { code, lines, stderr } = await run(["stuck"], sigintAt("ready", "cleaning"))
    assert.deepStrictEqual([code, lines], [130, ["ready", "cleaning"]])
    assert.deepStrictEqual(stderr.split("\n"), [
      "Stopped by a second signal. Tasks that did not finish: 2",
      "  main",
      "  crawl/flush",
      ""
    ])
  })

  it("MAIN5: the code is that of the last signal", async () => {
    const { code } = await run(["stuck"], (line) => (line === "ready" ? "SIGINT" : "SIGTERM"))
    assert.strictEqual(code, 143)
  })

  it("MAIN6: the end of the grace period does the same", async () => {
    const { code, stderr } = await run(["stuck", "20 millis"], sigintAt("ready"))
    assert.strictEqual(code, 130)
    assert.include(stderr, "Stopped after 20ms. Tasks that did not finish: 2\n  main\n")
  })

  it("MAIN7: tasks left at the end are interrupted and awaited, and their errors printed", async () => {
    const { code, lines, stderr } = await run(["leftovers"])
    assert.deepStrictEqual(
      [code, lines],
      [1, ["main ends", "daemon cleaned", "late daemon cleaned"]]
    )
    assert.include(stderr, "daemon, still running at the end, failed:\nBroken: daemon is broken")
  })

  it("MAIN7: a leftover that ends without error does not change the exit code", async () => {
    const { code, lines, stderr } = await run(["quietLeftover"])
    assert.deepStrictEqual([code, lines, stderr], [0, ["unstarted daemon ran"], ""])
  })

  it("MAIN7: one error is printed once, however many tasks it ended", async () => {
    const { code, stderr } = await run(["sameError"])
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr.split("shared is broken").length, 2)
  })

  it("MAIN8: a leftover that does not end is named after the grace period: 1", async () => {
    const { code, stderr } = await run(["stuckLeftover", "20 millis"])
    assert.deepStrictEqual(
      [code, stderr],
      [1, "Stopped after 20ms. Tasks that did not finish: 1\n  worker\n"]
    )
  })

  it("MAIN8: of many names 50 are printed and the rest is counted", async () => {
    const { stderr } = await run(["manyStuck", "20 millis"])
    const lines = stderr.trimEnd().split("\n")
    assert.strictEqual(lines.length, 52)
    assert.strictEqual(lines[1], "  worker 0")
    assert.strictEqual(lines.at(-1), "  and 10 more names")
  })

  it("MAIN9: a negative grace period is a defect that ends the process", async () => {
    const { code, lines, stderr } = await run(["succeeds", "-1 millis"])
    assert.deepStrictEqual([code, lines], [1, []])
    assert.include(stderr, "grace is -1ms: give zero or more")
  })
})

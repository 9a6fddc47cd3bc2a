import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Site from "../src/Site.ts"

const bin = fileURLToPath(new URL("../bin/main.mjs", import.meta.url))

/** Starts the program; it is killed when the scope closes, should it still run. */
const start = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] })
      const texts = { out: "", err: "" }
      child.stdout.on("data", (chunk: Buffer) => (texts.out += chunk.toString()))
      child.stderr.on("data", (chunk: Buffer) => (texts.err += chunk.toString()))
      const closed = once(child, "close")
      return {
        kill: (signal: NodeJS.Signals) => Effect.sync(() => child.kill(signal)),
        firstError: Effect.promise(async () => {
          while (!texts.err.includes("\n")) await once(child.stderr, "data")
          return texts.err
        }),
        ended: Effect.promise(async () => {
          await closed
          return { code: child.exitCode, ...texts }
        })
      }
    }),
    ({ kill }) => kill("SIGKILL")
  )

describe("demo-site", () => {
  it.live.each([
    ["SIGTERM", 143],
    ["SIGINT", 130]
  ] as const)(
    "tells its address in one line, serves, and ends with %s of its one process",
    ([signal, code]) =>
      Effect.gen(function* () {
        const site = yield* start("--port", "0", "--books", "40")
        const line = yield* site.firstError
        const told = /^demo-site: 40 books on (http:\/\/127\.0\.0\.1:\d+\/) \(Ctrl-C stops it\)\n$/
        const url = told.exec(line)?.[1] ?? assert.fail(line)
        const answer = yield* Effect.promise(() => fetch(url))
        assert.strictEqual(answer.status, 200)
        // The answer is left unread: its open connection must not keep the program alive.
        yield* site.kill(signal)
        assert.deepStrictEqual(yield* site.ended, { code, out: "", err: line })
        const after = yield* Effect.exit(Effect.tryPromise(() => fetch(url)))
        assert.strictEqual(after._tag, "Failure")
      }).pipe(Effect.scoped)
  )

  it.live("a taken port is one line and exit code 1", () =>
    Effect.gen(function* () {
      const site = yield* Site.serve({ port: 0, books: 40, seed: 1 })
      const { port } = new URL(site.url)
      const program = yield* start("--port", port)
      assert.deepStrictEqual(yield* program.ended, {
        code: 1,
        out: "",
        err: `demo-site: Port ${port} of 127.0.0.1 is taken. Choose another with --port; 0 takes any free one.\n`
      })
    }).pipe(Effect.scoped)
  )

  it.live.each([
    [["--prot", "1"], "Unrecognized flag: --prot"],
    [["--port", "70000"], 'Invalid value for flag --port: "70000".'],
    [["--books", "3"], 'Invalid value for flag --books: "3".'],
    [["extra"], "Unexpected positional argument"]
  ] as const)("wrong usage %j is one line and exit code 2", ([args, reason]) =>
    Effect.gen(function* () {
      const program = yield* start(...args)
      const { code, err, out } = yield* program.ended
      assert.deepStrictEqual([code, out, err.split("\n").length], [2, "", 2])
      assert.include(err, `demo-site: ${reason}`)
    }).pipe(Effect.scoped)
  )

  it.live("a log file that cannot be written is one line and exit code 3, with no stack", () =>
    Effect.gen(function* () {
      const program = yield* start("--port", "0", "--log", "/no/such/folder/log.ndjson")
      const { code, err } = yield* program.ended
      assert.deepStrictEqual([code, err.split("\n").length], [3, 2])
      assert.include(err, "ENOENT")
    }).pipe(Effect.scoped)
  )

  it.live("--help goes to stdout and tells the defaults", () =>
    Effect.gen(function* () {
      const program = yield* start("--help")
      const { code, err, out } = yield* program.ended
      assert.deepStrictEqual([code, err], [0, ""])
      assert.include(out, "default 8080")
    }).pipe(Effect.scoped)
  )
})

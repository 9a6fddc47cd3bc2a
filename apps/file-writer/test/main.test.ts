import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { setImmediate } from "node:timers/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { run, onTerminal, shell, start, temporaryDirectory } from "./support/program.ts"

const output = Effect.map(temporaryDirectory, (directory) => join(directory, "out.jsonl"))
const text = (path: string) => readFileSync(path, "utf8")
const lines = (printed: string) => printed.trimEnd().split("\n")
const row = (index: number) => JSON.stringify({ index, url: `https://example.test/${index}` })
const input = (rows: number) =>
  Array.from({ length: rows }, (_, index) => `${row(index)}\n`).join("")

/** Writes a piece many times, as fast as the program takes it. */
const feed = async (stdin: NodeJS.WritableStream, piece: string | Uint8Array, times: number) => {
  for (let time = 0; time < times; time++) {
    if (!stdin.write(piece)) await new Promise((resolve) => stdin.once("drain", resolve))
  }
}

/** A thousand rows, 592 kB. */
const wide = `${JSON.stringify({ text: "x".repeat(580) })}\n`.repeat(1000)

describe.concurrent("file-writer", () => {
  it.live("FWR1, FWR10, FWR12: good rows are published as they were", () =>
    Effect.gen(function* () {
      const out = yield* output
      const rows = '{ "price": 1.50 }\n"🦉"\nnull\n'
      const ended = yield* run(rows.trimEnd(), "write", "-o", out)
      assert.deepStrictEqual([ended.code, ended.stdout, text(out)], [0, "", rows])
      const printed = lines(ended.stderr)
      assert.strictEqual(printed[0], "received 3 = written 3 + rejected 0")
      assert.strictEqual(printed.at(-1), `${out}: 3 rows, ${Buffer.byteLength(rows)} bytes`)
    })
  )

  it.live("FWR1: an input without rows makes an empty file, also when stdin is closed", () =>
    Effect.gen(function* () {
      const out = yield* output
      const ended = yield* shell(`program write -o '${out}' <&-`)
      assert.deepStrictEqual([ended.code, text(out)], [0, ""])
      assert.strictEqual(lines(ended.stderr)[0], "received 0 = written 0 + rejected 0")
    })
  )

  it.live("FWR4, FWR7, FWR12: malformed rows are kept with line number, cause and text", () =>
    Effect.gen(function* () {
      const out = yield* output
      const rejects = `${out}.bad`
      const bytes = Buffer.concat([Buffer.from('\uFEFF1\r\n\nnope\n"'), Buffer.from([0xff, 0x0a])])
      const args = ["--from", `${out}.in`, "-o", out, "--rejects", rejects]
      writeFileSync(`${out}.in`, bytes)
      const ended = yield* run("", "write", ...args, "--row-bytes-max", "1KiB")
      assert.deepStrictEqual([ended.code, text(out)], [8, "1\n"])
      assert.deepStrictEqual(
        lines(text(rejects)).map((line) => JSON.parse(line)),
        [
          { line: 3, cause: 'unexpected "o" at column 2', text: "nope" },
          { line: 4, cause: "not UTF-8", text: '"\uFFFD' }
        ]
      )
      const printed = lines(ended.stderr)
      assert.strictEqual(printed[0], "received 3 = written 1 + rejected 2 (blank lines: 1)")
      assert.match(printed.at(-1)!, /out\.jsonl\.bad: 2 rows, \d+ bytes$/)
    })
  )

  it.live("FWR7: without --rejects the first ten are shown, and the others counted", () =>
    Effect.gen(function* () {
      const out = yield* output
      const ended = yield* run("\u001b[2J\n".repeat(13), "write", "-o", out)
      assert.deepStrictEqual([ended.code, text(out)], [8, ""])
      const printed = lines(ended.stderr)
      assert.strictEqual(printed[9], 'rejected line 10: unexpected "\\u001b" at column 1')
      assert.strictEqual(printed[10], "and 3 more; --rejects FILE keeps them all")
      assert.strictEqual(printed[11], "received 13 = written 0 + rejected 13")
    })
  )

  it.live("FWR5, FWR7: a row longer than --row-bytes-max is kept by its beginning", () =>
    Effect.gen(function* () {
      const out = yield* output
      const long = `"${"x".repeat(1_000_000)}"`
      const args = ["--rejects", `${out}.bad`, "--row-bytes-max", "64KiB"]
      const ended = yield* run(`1\n${long}\n2\n`, "write", "-o", out, ...args)
      assert.deepStrictEqual([ended.code, text(out)], [8, "1\n2\n"])
      const cause = "longer than 65536 bytes"
      const kept = { line: 2, cause, text: long.slice(0, 65_536), bytes: 1_000_002 }
      assert.deepStrictEqual(JSON.parse(text(`${out}.bad`)), kept)
    })
  )

  it.live("FWR5: a line of 200 MB takes no memory", () =>
    Effect.gen(function* () {
      const { ended, peakBytes, stdin, stdout } = yield* start(
        "write",
        "-o",
        "-",
        "--row-bytes-max",
        "1MiB"
      )
      stdin.write("1\n")
      yield* Effect.promise(async () => {
        let [idleBytes, fullBytes] = [0, 0]
        for await (const chunk of stdout) {
          if (idleBytes === 0) {
            assert.strictEqual(String(chunk), "1\n")
            idleBytes = peakBytes()
            void feed(stdin, Buffer.alloc(1_000_000, "x"), 200).then(() => stdin.write("\n2\n"))
          } else {
            assert.strictEqual(String(chunk), "2\n")
            fullBytes = peakBytes()
            stdin.end()
          }
        }
        assert.isBelow(fullBytes - idleBytes, 80e6)
        const { code, stderr } = await ended
        assert.strictEqual(code, 8)
        assert.include(stderr, "rejected line 2: longer than 1048576 bytes")
      })
    })
  )

  it.live("FWR11: --json is one object with the same numbers, apart from the rows", () =>
    Effect.gen(function* () {
      const out = yield* output
      const toFile = yield* run("1\nx\n", "write", "-o", out, "--json", "--rejects", `${out}.bad`)
      const { elapsedMillis, ...account } = JSON.parse(toFile.stdout)
      assert.isNumber(elapsedMillis)
      assert.deepStrictEqual(account, {
        received: 2,
        written: 1,
        rejected: 1,
        dropped: 0,
        duplicates: 0,
        notWritten: 0,
        blank: 0,
        skipped: 0,
        bytesRead: 4,
        bytesWritten: 2,
        output: { path: out, published: true, rowsIn: out },
        rejects: { path: `${out}.bad`, published: true, rowsIn: `${out}.bad` },
        error: null
      })
      const toStdout = yield* run("1\n", "write", "-o", "-", "--json")
      assert.deepStrictEqual([toStdout.code, toStdout.stdout], [0, "1\n"])
      const { received, output: place } = JSON.parse(toStdout.stderr)
      assert.deepStrictEqual([received, place.rowsIn], [1, "stdout"])
    })
  )

  it.live.each([
    [[], 0, ""],
    [["write"], 2, "file-writer: Missing required flag: --output (see file-writer write --help)\n"],
    [
      ["write", "-o", "x", "--row-bytes-max", "0"],
      2,
      "file-writer: Invalid value for flag --row-bytes-max"
    ],
    [["write", "-o", "x", "--rejects", "./x"], 2, "file-writer: --rejects must name a file"],
    [["write", "-o", "x", "--rejects", "-"], 2, "file-writer: --rejects must name a file"],
    [["write", "-o", "x", "--nope"], 2, "file-writer: Unrecognized flag: --nope"],
    [["nope"], 2, "file-writer: "]
  ] as const)("FWR13: %j exits %d", ([args, code, reason]) =>
    Effect.gen(function* () {
      const ended = yield* run("", ...args)
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.isTrue(ended.stderr.startsWith(reason), ended.stderr)
      assert.isAtMost(lines(ended.stderr).length, 1)
      if (code === 0) assert.include(ended.stdout, "SUBCOMMANDS")
    })
  )

  it.live("FWR13: one file in two places is wrong usage, and stays as it was", () =>
    Effect.gen(function* () {
      const directory = yield* temporaryDirectory
      const [rows, link] = [join(directory, "rows"), join(directory, "link")]
      writeFileSync(rows, "1\nnope\n")
      symlinkSync(rows, link)
      const out = join(directory, "out")
      for (const [from, to, rejects] of [
        [rows, out, link],
        [rows, link, out],
        [link, rows, out],
        [rows, out, out]
      ] as const) {
        const args = ["--from", from, "-o", to, "--rejects", rejects]
        const ended = yield* run("", "write", ...args)
        assert.strictEqual(ended.code, 2)
        assert.include(ended.stderr, "must name a file other than")
        assert.strictEqual(text(rows), "1\nnope\n")
      }
      const discarded = ["-o", "/dev/null", "--rejects", "/dev/null"]
      assert.strictEqual((yield* run("1\nnope\n", "write", ...discarded)).code, 8)
    })
  )

  it.live("FWR14: the help states the defaults and the exit codes", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* run("", "write", "--help")
      assert.deepStrictEqual([code, stderr], [0, ""])
      const defaults = ["(required)", "(default -)", "(default: the first 10", "(default 16MiB)"]
      for (const fact of [...defaults, "(default: false)"]) assert.include(stdout, fact)
      for (const exit of [0, 2, 3, 8, 75, 130, 141, 143])
        assert.match(stdout, new RegExp(`\\b${exit}\\b`))
      for (const command of ["many", "verify", "recover", "tail", "bench"]) {
        const help = yield* run("", command, "--help")
        assert.deepStrictEqual([help.code, help.stderr], [0, ""])
        for (const fact of ["Exit codes: 0", "default"]) assert.include(help.stdout, fact)
      }
    })
  )

  it.live.each(["bash", "zsh", "fish"])("FWR14: there are completions for %s", (name) =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* run("", "--completions", name)
      assert.deepStrictEqual([code, stderr], [0, ""])
      for (const word of ["recover", "rotate-size", "on-full"]) assert.include(stdout, word)
    })
  )

  it.live("FWR15: on a terminal, one line that is drawn over itself", () =>
    Effect.gen(function* () {
      const out = yield* output
      const drawn = (stdout: string) => stdout.split("\r\u001b[2K")
      // The input ends once the line has been drawn three times.
      const feed = `(echo 1; until [ -e '${out}.enough' ]; do sleep 0.1; done)`
      const { code, stdout } = yield* onTerminal(
        `${feed} | program write -o '${out}'`,
        (stdout) => {
          if (drawn(stdout).length > 2) writeFileSync(`${out}.enough`, "")
        }
      )
      assert.strictEqual(code, 0, stdout)
      const shown = drawn(stdout).slice(0, -1)
      const speed = String.raw`\d rows, 0\.0 MB in \d+\.\d s, \d+ rows\/s`
      const written = String.raw`\d written in \d commits, \d in the buffer, \S+`
      // A line that is longer than the terminal is cut.
      for (const line of shown) assert.match(line, new RegExp(`^${speed}(; ${written})?$`))
    })
  )

  it.live("FWR16: control characters of a name are not printed", () =>
    Effect.gen(function* () {
      const out = `${yield* output}\u001b[2J`
      const { code, stderr } = yield* run("1\n", "write", "-o", out)
      assert.deepStrictEqual([code, text(out)], [0, "1\n"])
      assert.notInclude(stderr, "\u001b")
    })
  )

  it.live.each([
    ["a missing directory", (out: string) => ["-o", `${out}/x`], "ENOENT"],
    ["a directory", (out: string) => ["-o", join(out, "..")], "is a directory"],
    ["a missing input", (out: string) => ["-o", out, "--from", `${out}.in`], "ENOENT"],
    [
      "an input that is a directory",
      (out: string) => ["-o", out, "--from", join(out, "..")],
      "EISDIR"
    ],
    [
      "rejects in a missing directory",
      (out: string) => ["-o", out, "--rejects", `${out}/x`],
      "ENOENT"
    ]
  ] as const)("FWR20: %s exits 3 with one line, and leaves nothing", ([, args, reason]) =>
    Effect.gen(function* () {
      const out = yield* output
      const ended = yield* run("1\n", "write", ...args(out))
      assert.strictEqual(ended.code, 3)
      assert.include(lines(ended.stderr).at(-1), reason)
      assert.notInclude(ended.stderr, " at ")
      assert.isFalse(existsSync(out))
      assert.isFalse(existsSync(`${out}.partial`))
    })
  )

  it.live("FWR20: --log-level debug shows the stack of a failure", () =>
    Effect.gen(function* () {
      const out = yield* output
      const { stderr } = yield* run("", "--log-level", "debug", "write", "-o", `${out}/x`)
      assert.match(stderr, /ENOENT.*\n(.*\n)*\s+at /)
    })
  )

  it.live("FWR10, FWR21: a full disk exits 3, and nobody waits for it", () =>
    Effect.gen(function* () {
      const out = yield* output
      // A link, so that a mistake in here replaces the link and not the device of everybody.
      symlinkSync("/dev/full", out)
      const { code, stderr } = yield* run(input(20_000), "write", "-o", out)
      assert.strictEqual(code, 3)
      const [sum, , reason] = lines(stderr)
      const [, received, lost] =
        /^received (\d+) = written 0 \+ rejected 0 \+ not written (\d+)$/.exec(sum!)!
      assert.strictEqual(received, lost)
      assert.include(reason, "ENOSPC: no space left on device")
    })
  )

  it.live("FWR21: what fits on a disk that is full then stays, in whole rows", () =>
    Effect.gen(function* () {
      const out = yield* output
      // The system refuses to let a file grow past 600 KiB, as a full disk would.
      writeFileSync(`${out}.in`, input(20_000))
      const ended = yield* shell(
        `ulimit -f 600; trap '' XFSZ; program write --from '${out}.in' -o '${out}'`
      )
      assert.strictEqual(ended.code, 3, ended.stderr)
      const kept = lines(text(`${out}.partial`))
      assert.isAtLeast(kept.length, 1000)
      assert.deepStrictEqual(
        kept,
        kept.map((_, index) => row(index))
      )
      assert.isFalse(existsSync(out))
      const reason = `EFBIG: file too large, write; ${kept.length} rows are whole in ${out}.partial`
      assert.include(lines(ended.stderr).at(-1), reason)
    })
  )

  it.live.each([
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const)(
    "FWR10, FWR22: %s exits %d and keeps the rows beside the old file",
    ([signal, exitCode]) =>
      Effect.gen(function* () {
        const out = yield* output
        writeFileSync(out, '"old"\n')
        const program = yield* start("write", "-o", out)
        program.stdin.write(input(100))
        program.stdin.write('{"an unfinished')
        yield* Effect.sync(() => existsSync(`${out}.partial`) && text(`${out}.partial`)).pipe(
          Effect.repeat({
            until: (kept) => kept !== false && kept !== "",
            schedule: Schedule.spaced(10)
          })
        )
        program.kill(signal)
        program.stdout.resume()
        const { code, stderr } = yield* Effect.promise(() => program.ended)
        assert.strictEqual(code, exitCode)
        assert.deepStrictEqual([text(out), text(`${out}.partial`)], ['"old"\n', input(100)])
        assert.deepStrictEqual(lines(stderr), [
          "received 100 = written 100 + rejected 0",
          "interrupted",
          `${out} is not published; 100 rows are whole in ${out}.partial`
        ])
      })
  )

  it.live("FWR10, FWR23: when head has enough, the program ends and says so", () =>
    Effect.gen(function* () {
      const out = yield* output
      writeFileSync(`${out}.in`, input(50_000))
      const script = `(program write --from '${out}.in' -o -; echo "code $?" >&2) | head -n 1`
      const { stderr, stdout } = yield* shell(script)
      assert.strictEqual(stdout, `${row(0)}\n`)
      const [sum, reason, code] = lines(stderr)
      assert.match(sum!, /^received \d+ = written \d+ \+ rejected 0 \+ not written \d+$/)
      assert.deepStrictEqual([reason, code], ["the reader of stdout went away", "code 141"])
    })
  )

  it.live("FWR24: a slow reader of stdout holds the input back", () =>
    Effect.gen(function* () {
      const { ended, peakBytes, stdin, stdout } = yield* start("write", "-o", "-")
      yield* Effect.promise(async () => {
        stdin.write("1\n")
        let [idleBytes, fullBytes, bytes] = [0, 0, 0]
        for await (const chunk of stdout) {
          if (bytes === 0) {
            idleBytes = peakBytes()
            void feed(stdin, wide, 200).then(() => stdin.end())
          }
          bytes += chunk.length
          // The reader takes a piece only now and then; the rows that wait must wait outside.
          for (let turn = 0; turn < 20; turn++) await setImmediate()
          if (bytes < 200 * wide.length) fullBytes = peakBytes()
        }
        assert.strictEqual(bytes, 2 + 200 * wide.length)
        assert.isBelow(fullBytes - idleBytes, 80e6)
        const { code, stderr } = await ended
        assert.strictEqual(code, 0)
        // On a busy machine there are lines of progress before it.
        assert.include(lines(stderr), "received 200001 = written 200001 + rejected 0")
      })
    })
  )

  it.live("FWR24: so many rows go into a file in bounded memory", () =>
    Effect.gen(function* () {
      const out = yield* output
      const { ended, peakBytes, stdin, stdout } = yield* start("write", "-o", out)
      stdin.write("1\n")
      yield* Effect.sync(() => existsSync(`${out}.partial`) && text(`${out}.partial`)).pipe(
        Effect.repeat({ until: (kept) => kept === "1\n", schedule: Schedule.spaced(10) })
      )
      const idleBytes = peakBytes()
      let fullBytes = 0
      const watch = setInterval(() => (fullBytes = peakBytes()), 20)
      yield* Effect.promise(async () => {
        await feed(stdin, wide, 200)
        clearInterval(watch)
        stdin.end()
        stdout.resume()
        assert.strictEqual((await ended).code, 0)
      })
      assert.isBelow(fullBytes - idleBytes, 80e6)
      assert.strictEqual(text(out).length, 2 + 200 * wide.length)
    })
  )

  it.live("FWR25: the rows of a run that was cut short are kept, and a line says where", () =>
    Effect.gen(function* () {
      const out = yield* output
      writeFileSync(`${out}.partial`, '"earlier"\n')
      const { code, stderr } = yield* run("1\n", "write", "-o", out)
      assert.deepStrictEqual([code, text(out), text(`${out}.partial.1`)], [0, "1\n", '"earlier"\n'])
      const said = `warn: an earlier run left ${out}.partial; it is kept as ${out}.partial.1`
      assert.strictEqual(lines(stderr)[0], said)
    })
  )
})

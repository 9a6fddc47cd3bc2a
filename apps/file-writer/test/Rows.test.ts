import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { depthMax } from "../src/JsonSyntax.ts"
import * as Rows from "../src/Rows.ts"

const rowBytesMax = 1000

/** All lines of the input, when it is read in pieces of a size. */
const read = (input: string | Uint8Array, pieceBytes = Infinity, max = rowBytesMax) => {
  const bytes = Buffer.from(input)
  const rows = Rows.make({ rowBytesMax: max })
  const lines: Array<Rows.Line> = []
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    lines.push(...rows.push(bytes.subarray(at, Math.min(at + pieceBytes, bytes.length))))
  }
  lines.push(...rows.end())
  return lines
}

const causes = (lines: ReadonlyArray<Rows.Line>) =>
  lines.map((line) => (typeof line === "object" ? line.cause : line))

describe("Rows", () => {
  it("FWR1: rows come out as they were", () => {
    const rows = ['{ "a": [1.50, "é\\u00e9"] }', "  null ", "-0.5E+3", '"🦉"', "[[],{}]"]
    assert.deepStrictEqual(read(`${rows.join("\n")}\n`), rows)
  })

  it("FWR1: what is no JSON value says where", () => {
    const bad = [
      "nope",
      "{a:1}",
      "[1,]",
      '{"a" 1}',
      "1 2",
      '"é" é',
      "'",
      "01",
      '"\t"',
      '"\\x"',
      "tru"
    ]
    assert.deepStrictEqual(causes(read(bad.join("\n"))), [
      'unexpected "o" at column 2',
      'unexpected "a" at column 2',
      'unexpected "]" at column 4',
      'unexpected "1" at column 6',
      'unexpected "2" at column 3',
      'unexpected "é" at column 5',
      `unexpected "'" at column 1`,
      'unexpected "1" at column 2',
      'unexpected "\\t" at column 2',
      'unexpected "x" at column 3',
      "the JSON value is not complete"
    ])
  })

  const alphabet = [
    ...'{}[]:,"\\u019-+.eEtafé🦉 \t\r\u0001\u001f\u00a0',
    "\\v",
    "\\u00e9",
    "\\n",
    '"a"',
    "true",
    "nul",
    '"a":1',
    "1.5e-3"
  ]
  const values = [
    '{"a":[1,2.5e+3,{"b":null}],"c":"x\\u00e9\\n"}',
    "[[],{},0,-0,1e5,true,false]",
    '"\\"\\\\"',
    " 12 "
  ]
  const isJson = (text: string) => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }

  it.effect("FWR2: 20,000 random and damaged texts are JSON exactly when JSON.parse says so", () =>
    Effect.gen(function* () {
      const random = yield* Random.Random.pipe(Random.withSeed("json"))
      const below = (limit: number) => Math.floor(random.nextDoubleUnsafe() * limit)
      const pick = (from: ReadonlyArray<string>) => from[below(from.length)]!
      const damage = (text: string) => {
        const at = below(text.length + 1)
        return text.slice(0, at) + pick(["", ...alphabet]) + text.slice(at + below(2))
      }
      let good = 0
      for (let round = 0; round < 20_000; round++) {
        const text =
          round % 2 === 0
            ? Array.from({ length: 1 + below(8) }, () => pick(alphabet)).join("")
            : damage(pick(values))
        const [line] = read(text)
        if (line === undefined) continue
        assert.strictEqual(typeof line === "string", isJson(text), JSON.stringify(text))
        if (typeof line === "string") good++
      }
      assert.isAbove(good, 1000, "not all texts are broken")
    })
  )

  it("FWR2: nesting is bounded", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels)
    assert.deepStrictEqual(causes(read(nested(depthMax), 100, 1e6)), [nested(depthMax)])
    assert.deepStrictEqual(causes(read(nested(depthMax + 1), 100, 1e6)), [
      "nested deeper than 10000 levels"
    ])
  })

  it("FWR3: pieces of every size give the same lines", () => {
    const long = `"${"x".repeat(rowBytesMax)}"`
    const parts = [
      "\uFEFF",
      '{"é":"🦉"}\r\n',
      "\n",
      " \r\n",
      `${long}\n`,
      "nope\n",
      "\r\n",
      '"日本"\r\n',
      '{"last": 1}'
    ]
    const input = Buffer.concat([
      ...parts.slice(0, 5).map((part) => Buffer.from(part)),
      Buffer.from([0xff, 0x0a]),
      ...parts.slice(5).map((part) => Buffer.from(part))
    ])
    const whole = read(input)
    assert.deepStrictEqual(causes(whole), [
      '{"é":"🦉"}',
      undefined,
      undefined,
      "longer than 1000 bytes",
      "not UTF-8",
      'unexpected "o" at column 2',
      undefined,
      '"日本"',
      '{"last": 1}'
    ])
    for (let size = 1; size < 80; size++) assert.deepStrictEqual(read(input, size), whole)
  })

  it("FWR4: an end of the input is no line, and a mark elsewhere is no JSON", () => {
    assert.deepStrictEqual(read(""), [])
    assert.deepStrictEqual(read("\uFEFF1\n"), ["1"])
    assert.deepStrictEqual(causes(read("1\n\uFEFF1")), ["1", 'unexpected "\uFEFF" at column 1'])
    assert.deepStrictEqual(read("1\n"), ["1"])
    assert.deepStrictEqual(read("1"), ["1"])
    assert.deepStrictEqual(read("\n\n"), [undefined, undefined])
  })

  it("FWR5: only the beginning of a long line is kept, whatever the pieces", () => {
    const long = "é".repeat(1_000_000)
    const [line, next] = read(`${long}\r\n1`, 4096) as [Rows.Malformed, string]
    assert.strictEqual(line.cause, "longer than 1000 bytes")
    assert.strictEqual(line.bytes, 2_000_001)
    assert.strictEqual(line.text, long.slice(0, Rows.textBytesMax / 2))
    assert.strictEqual(next, "1")
  })

  it("FWR6: bytes that are not UTF-8 spoil their own line only", () => {
    const input = Buffer.concat([
      Buffer.from('"a"\n"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"\n"b"\n')
    ])
    assert.deepStrictEqual(read(input), ['"a"', { cause: "not UTF-8", text: '"\uFFFD("' }, '"b"'])
  })
})

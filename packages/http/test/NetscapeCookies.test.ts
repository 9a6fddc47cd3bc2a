import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as CookieJar from "../src/CookieJar.ts"
import * as NetscapeCookies from "../src/NetscapeCookies.ts"

/** What a jar with the cookies of a file sends to a URL. */
const sent = Effect.fnUntraced(function* (text: string, to: string) {
  const jar = yield* CookieJar.make()
  for (const { setCookie, url } of Result.getOrThrow(NetscapeCookies.parse(text))) {
    yield* jar.store(url, [setCookie])
  }
  return yield* jar.headerFor(new URL(to))
})

const file = [
  "# Netscape HTTP Cookie File",
  "",
  ".shop.test\tTRUE\t/\tFALSE\t0\twide\t1",
  "shop.test\tFALSE\t/cart\tFALSE\t4102444800\tnarrow\ta=b%20c",
  "#HttpOnly_shop.test\tFALSE\t/\tTRUE\t99999999999999\tsecret\t",
  "shop.test\tFALSE\t/\tFALSE\t-1\tsession",
  "127.0.0.1\tTRUE\t/\tFALSE\t0\tlocal\tx",
  ".co.uk\tTRUE\t/\tFALSE\t0\teveryone\t1"
].join("\r\n")

describe("NetscapeCookies", () => {
  it.effect.each([
    ["http://shop.test/", "wide=1; session="],
    ["http://www.shop.test/", "wide=1"],
    ["http://shop.test/cart/x", "narrow=a=b%20c; wide=1; session="],
    ["https://shop.test/", "wide=1; secret=; session="],
    ["http://127.0.0.1:8080/", "local=x"],
    ["http://other.test/", undefined],
    ["http://shop.co.uk/", undefined]
  ] as const)("NSC1: of a cookie file, %s gets %s", ([to, expected]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* sent(file, to), expected)
    })
  )

  it.each([
    ["a.test TRUE / FALSE 0 n v", "7 fields with tabs between them, and this line has 1"],
    ['[{"domain": "a.test"}]', "not as JSON"],
    ["a test\tTRUE\t/\tFALSE\t0\tn\tv", "the first field is no host"],
    ["a.test/x\tTRUE\t/\tFALSE\t0\tn\tv", "the first field is no host"],
    ["\tTRUE\t/\tFALSE\t0\tn\tv", "the first field is no host"],
    ["a.test\tYES\t/\tFALSE\t0\tn\tv", "the second field"],
    ["a.test\tTRUE\tx\tFALSE\t0\tn\tv", "the third field"],
    ["a.test\tTRUE\t/\t\t0\tn\tv", "the fourth field"],
    ["a.test\tTRUE\t/\tFALSE\ttomorrow\tn\tv", "the fifth field"],
    ["a.test\tTRUE\t/\tFALSE\t0\tn n\tv", "the sixth field"],
    ["a.test\tTRUE\t/\tFALSE\t0\tn\tv;secret", "the seventh field"]
  ])("NSC2: %j is refused with its line and the reason", (line, reason) => {
    const parsed = NetscapeCookies.parse(`# a\n\n${line}\n`)
    assert.isTrue(Result.isFailure(parsed))
    if (Result.isFailure(parsed)) {
      assert.strictEqual(parsed.failure.line, 3)
      assert.include(parsed.failure.message, `line 3: `)
      assert.include(parsed.failure.message, reason)
      assert.notInclude(parsed.failure.message, "secret")
    }
  })
})

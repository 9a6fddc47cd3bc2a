import { assert, describe, it } from "@effect/vitest"
import { kindOf, literalIn } from "../src/Address.ts"

describe("Address", () => {
  it.each([
    ["0.0.0.0", "unspecified"],
    ["10.255.0.1", "private"],
    ["100.64.0.1", "private"],
    ["127.1.2.3", "loopback"],
    ["169.254.169.254", "link-local"],
    ["172.15.255.255", "public"],
    ["172.16.0.1", "private"],
    ["172.32.0.1", "public"],
    ["192.0.2.7", "reserved"],
    ["192.168.1.1", "private"],
    ["198.18.0.1", "reserved"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "reserved"],
    ["8.8.8.8", "public"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["fe80::1", "link-local"],
    ["fd12::1", "private"],
    ["ff02::1", "multicast"],
    ["2001:db8::1", "reserved"],
    ["2606:4700::1111", "public"],
    ["5f00::1", "reserved"],
    ["no address", "reserved"]
  ])("ADR1: %s is %s", (address, kind) => {
    assert.strictEqual(kindOf(address), kind)
  })

  it.each([
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:8.8.8.8", "public"],
    ["64:ff9b::a00:1", "private"],
    ["2002:7f00:1::", "loopback"]
  ])("ADR2: %s is %s", (address, kind) => {
    assert.strictEqual(kindOf(address), kind)
  })

  it.each([
    ["http://127.0.0.1/", "127.0.0.1"],
    ["http://2130706433/", "127.0.0.1"],
    ["http://0x7f.0.0.1/", "127.0.0.1"],
    ["http://[::ffff:7f00:1]/", "::ffff:7f00:1"],
    ["http://example.com/", undefined]
  ])("ADR3: %s holds the literal %s", (url, literal) => {
    assert.strictEqual(literalIn(new URL(url)), literal)
  })
})

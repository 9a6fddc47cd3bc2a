/**
 * Records what OTP's own supervisor does in the scenarios of `scenarios.erl`, for tests to compare with.
 *
 * Run it by hand where `erl` is installed: `node packages/actors/test/otp/record.ts`. It writes
 * `recording.json`, says which scenarios differ from the recording that was there, and takes a minute.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Recording } from "./recording.ts"

const path = join(import.meta.dirname, "recording.json")
const build = mkdtempSync(join(tmpdir(), "otp-"))

const erl = (expression: string): string => {
  const options = ["-noshell", "-kernel", "logger_level", "none", "-pa", build]
  return execFileSync("erl", [...options, "-eval", expression], { encoding: "utf8" }).trim()
}

const record = (): Recording => {
  execFileSync("erlc", ["-o", build, join(import.meta.dirname, "scenarios.erl")])
  const events: Record<string, Array<string>> = {}
  for (const line of erl("scenarios:main().").split("\n")) {
    const [scenario = "", event = ""] = line.split("|")
    ;(events[scenario] ??= []).push(event)
  }
  const scenarios = Object.entries(events).map(([name, lines]) => [name, lines.join(", ")])
  return {
    otp: erl('io:format("~s", [erlang:system_info(otp_release)]), halt().'),
    scenarios: Object.fromEntries(scenarios)
  }
}

const read = (): Recording =>
  existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { otp: "none", scenarios: {} }

try {
  const [before, now] = [read(), record()]
  writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`)
  const names = new Set([...Object.keys(before.scenarios), ...Object.keys(now.scenarios)])
  const differ = [...names].filter((name) => now.scenarios[name] !== before.scenarios[name])
  for (const name of differ) {
    console.log(`${name}\n  was ${before.scenarios[name]}\n  is  ${now.scenarios[name]}`)
  }
  console.log(`OTP ${now.otp}: ${differ.length} of ${names.size} scenarios differ`)
  if (differ.length > 0) process.exitCode = 1
} finally {
  rmSync(build, { recursive: true })
}

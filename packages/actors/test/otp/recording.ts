/** What `record.ts` has recorded. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export interface Recording {
  /** The release of OTP. */
  readonly otp: string
  /** The events of each scenario, in order. */
  readonly scenarios: Readonly<Record<string, string>>
}

export const recording: Recording = JSON.parse(
  readFileSync(join(import.meta.dirname, "recording.json"), "utf8")
)

/** The Erlang that runs the contenders written for it, if there is one. */
import { execFileSync } from "node:child_process"

export interface ErlangVersion {
  readonly executable: string
  readonly otp: string
}

const question = "io:put_chars(erlang:system_info(otp_release)), halt()."

export const findErlang = (): ErlangVersion | undefined => {
  try {
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"]
    const otp = execFileSync("erl", ["-noinput", "-eval", question], { encoding: "utf8", stdio })
    return { executable: "erl", otp }
  } catch {
    return undefined
  }
}

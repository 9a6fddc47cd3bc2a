/** Keeps what may be a secret on a command line off the screen. */

/** The arguments of a command, as they may be shown: headers without values, URLs without a user. */
export const masked = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.map((arg, index) => {
    const [, flag = "", value = ""] = /^(--(?:header|proxy)=)(.*)$/s.exec(arg) ?? []
    if (flag !== "") return flag + maskedValue(flag.slice(0, -1), value)
    return maskedValue(args[index - 1] ?? "", arg)
  })

const maskedValue = (flag: string, value: string): string => {
  if (flag === "--header") return value.replace(/:.*/s, ": ***")
  if (flag === "--proxy") return value.replace(/\/\/.*@/s, "//***@")
  return value.replace(/^(https?:\/\/)[^/?#]*@/i, "$1***@")
}

/** Keeps what may be a secret on a command line off the screen. */

/** The arguments of a command, as they may be shown: a header has its name only. */
export const masked = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args.map((arg, index) => {
    if (args[index - 1] === "--header") return maskedHeader(arg)
    return arg.replace(/^(--header=)(.*)$/s, (_, flag, header) => flag + maskedHeader(header))
  })

const maskedHeader = (header: string) => header.replace(/:.*/s, ": ***")

/** `file-writer many`: a file for each row. */
import { Flags } from "@fibra/cli"
import { Argument, Command, Flag } from "effect/cli"
import * as Many from "./Many.ts"
import { flags } from "./WriteFlags.ts"

const parameters = {
  directory: Argument.String("dir").pipe(
    Argument.withMetavar("DIR"),
    Argument.withDescription("Where the files go; nothing leads out of it")
  ),
  from: Flag.String("from").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      'Rows {"path": …, "content": …} or {"path": …, "base64": …}, one a line; - is stdin (default -)'
    ),
    Flag.withDefault("-")
  ),
  rejects: flags.rejects,
  rowBytesMax: flags.rowBytesMax,
  json: Flags.described(
    Flag.Boolean("json"),
    "One JSON object instead of the summary, on stdout",
    false
  )
}

export const manyCommand = Command.make("many", parameters, Many.many).pipe(
  Command.withDescription(
    "Writes a file for each row: to another name, fsync, rename, fsync of the directory. Missing directories are made.\n\n" +
      "Exit codes: 0 all files are written, 2 wrong usage, 3 a file or a disk refused, 8 written without " +
      "the malformed rows, 130 Ctrl-C, 143 SIGTERM. Files are whole or as they were, always."
  ),
  Command.withShortDescription("Writes many whole files"),
  Command.withExamples([
    {
      command: `echo '{"path":"a/b.txt","content":"hello"}' | file-writer many out`,
      description: "Write out/a/b.txt"
    }
  ])
)

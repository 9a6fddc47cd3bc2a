/** The `file-writer` program. */
import { Program } from "@fibra/cli"
import { Command } from "effect/cli"
import { benchCommand } from "./BenchCommand.ts"
import { manyCommand } from "./ManyCommand.ts"
import { recoverCommand } from "./RecoverCommand.ts"
import { tailCommand } from "./TailCommand.ts"
import { verifyCommand } from "./VerifyCommand.ts"
import { writeCommand } from "./WriteCommand.ts"

Command.make("file-writer").pipe(
  Command.withDescription(
    "Writes rows to files: checked, committed in groups, and safe from crashes."
  ),
  Command.withSubcommands([
    writeCommand,
    manyCommand,
    verifyCommand,
    recoverCommand,
    tailCommand,
    benchCommand
  ]),
  (command) => Program.run(command, { version: Program.versionOf(import.meta.url) })
)

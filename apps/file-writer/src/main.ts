/** The `file-writer` program. */
import { Program } from "@fibra/cli"
import { Command } from "effect/cli"
import { writeCommand } from "./WriteCommand.ts"

Command.make("file-writer").pipe(
  Command.withDescription("Writes rows to files: checked, batched, published in one step."),
  Command.withSubcommands([writeCommand]),
  (command) => Program.run(command, { version: Program.versionOf(import.meta.url) })
)

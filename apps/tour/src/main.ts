/** The `tour` program. */
import { Program } from "@fibra/cli"
import { Command } from "effect/cli"
import { listCommand } from "./ListCommand.ts"
import { runCommand } from "./RunCommand.ts"
import { showCommand } from "./ShowCommand.ts"
import { traceCommand } from "./TraceCommand.ts"

Command.make("tour").pipe(
  Command.withDescription("Every idea of asyncio, running, and what it becomes here."),
  Command.withSubcommands([listCommand, runCommand, showCommand, traceCommand]),
  (command) => Program.run(command, { version: Program.versionOf(import.meta.url) })
)

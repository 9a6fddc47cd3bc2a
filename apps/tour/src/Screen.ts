/** How wide the output may be. */
import { Flags } from "@fibra/cli"
import { Flag } from "effect/cli"

/** The terminal's columns; 80 where stdout is no terminal. */
export const width = Flags.between("width", 40, 1_000).pipe(
  Flag.withMetavar("COLUMNS"),
  Flag.withDescription("Columns of the output (default: those of the terminal, else 80)"),
  Flag.withDefault(process.stdout.columns ?? 80)
)

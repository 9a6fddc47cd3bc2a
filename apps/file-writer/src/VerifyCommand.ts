/** `file-writer verify`: checks files, or all that a manifest lists. */
import { Flags } from "@fibra/cli"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as FileFlags from "./FileFlags.ts"
import * as Verify from "./Verify.ts"

const parameters = {
  path: FileFlags.path.pipe(Argument.withDescription("A file, or a manifest: PATH.manifest.jsonl")),
  ...FileFlags.flags,
  key: Flag.String("key").pipe(
    Flag.withMetavar("FIELD"),
    Flag.withDescription(
      "Of jsonl: no two rows may have the same; the values of a file are kept in memory (default: none)"
    ),
    Flag.optional
  ),
  json: Flags.described(Flag.Boolean("json"), "One JSON object on stdout instead of lines", false)
}

export const verifyCommand = Command.make("verify", parameters, ({ json, key, path, ...flags }) =>
  Effect.flatMap(FileFlags.written({ path, ...flags }), (written) =>
    Verify.verify({ ...written, path, key }, json)
  )
).pipe(
  Command.withDescription(
    "Reads files to their end: rows, bytes, sha256, whether the last record is whole, rows that are malformed or there twice. With a manifest also whether each file is there and as it says.\n\n" +
      "Exit codes: 0 all is well, 2 wrong usage, 3 a file cannot be read, 9 something is not as it should be."
  ),
  Command.withShortDescription("Checks files, or a manifest"),
  Command.withExamples([
    { command: "file-writer verify rows.jsonl --key id", description: "Check one file" },
    {
      command: "file-writer verify out/rows.jsonl.gz.manifest.jsonl",
      description: "Check all that a manifest lists"
    }
  ])
)

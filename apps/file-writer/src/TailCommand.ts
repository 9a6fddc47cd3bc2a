/** `file-writer tail`: the last records of a file, and those that come. */
import { Flags, Program } from "@fibra/cli"
import { Records } from "@fibra/files"
import { Effect, Schedule, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as FileFlags from "./FileFlags.ts"
import * as Stdout from "./Stdout.ts"

const parameters = {
  path: FileFlags.path.pipe(Argument.withDescription("The file, compressed or not")),
  ...FileFlags.flags,
  lines: Flags.described(
    Flags.between("lines", 0, 1_000_000).pipe(Flag.withAlias("n")),
    "Records to show",
    10
  ),
  follow: Flags.described(
    Flag.Boolean("follow").pipe(Flag.withAlias("f")),
    "Goes on with what is committed later, until Ctrl-C",
    false
  )
}

type Parsed = Command.Command.Config.Infer<typeof parameters>

const tail = (parsed: Parsed) =>
  Effect.gen(function* () {
    const written = yield* FileFlags.written(parsed)
    const options = { ...FileFlags.reading(written), path: parsed.path }
    let end = 0
    const records = (from: number) =>
      Records.batches(options, from).pipe(
        Stream.tap((batch) =>
          Effect.sync(() => {
            end = batch.end
          })
        ),
        Stream.flatMap((batch) => Stream.fromIterable(batch.records))
      )
    const print = (record: string) => Stdout.write(`${record}\n`)
    yield* Stream.runForEach(Stream.takeRight(records(0), parsed.lines), print)
    if (!parsed.follow) return
    const more = Effect.suspend(() => Stream.runForEach(records(end), print))
    yield* Effect.repeat(more, Schedule.spaced("200 millis"))
  }).pipe(
    // The program has its own exit code for a stdout that takes no more.
    Effect.catchTag("StdoutFailed", () => Effect.never),
    Effect.catchTag("ReadFailed", ({ message }) =>
      Effect.fail(new Program.Stopped({ exitCode: 3, reason: message }))
    )
  )

export const tailCommand = Command.make("tail", parameters, tail).pipe(
  Command.withDescription(
    "Prints the last records of a file. It reads the file from its start; what is torn at its end is not shown.\n\n" +
      "Exit codes: 0, 2 wrong usage, 3 the file cannot be read, 130 Ctrl-C, 141 nobody reads stdout any more."
  ),
  Command.withShortDescription("Shows the last records of a file"),
  Command.withExamples([
    {
      command: "file-writer tail rows.jsonl.gz -f",
      description: "Follow a compressed file"
    }
  ])
)

/** The `demo-site` program. */
import { Flags, Program } from "@fibra/cli"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as Books from "./Books.ts"
import * as Site from "./Site.ts"

const flags = {
  port: Flags.between("port", 0, 65_535).pipe(
    Flag.withDescription("Port on 127.0.0.1; 0 takes any free one (default 8080)"),
    Flag.withDefault(8080)
  ),
  books: Flags.between("books", Books.countMin, Books.countMax).pipe(
    Flag.withDescription(
      `Books that robots.txt allows, ${Books.countMin} to ${Books.countMax} (default 240)`
    ),
    Flag.withDefault(240)
  ),
  seed: Flag.Int("seed").pipe(
    Flag.withDescription("The same seed gives the same pages (default 1)"),
    Flag.withDefault(1)
  ),
  latency: Flags.duration("latency").pipe(
    Flag.withDescription("How long every answer takes (default 2ms)"),
    Flag.withDefault(Site.defaultLatency)
  ),
  log: Flag.String("log").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Appends a line of JSON to FILE for each request (default none)"),
    Flag.optional
  )
}

const serve = Effect.fnUntraced(
  function* ({ log, ...options }: Omit<Site.Options, "logPath"> & { log: Option.Option<string> }) {
    const logPath = Option.isSome(log) ? { logPath: log.value } : {}
    const site = yield* Site.serve({ ...options, ...logPath })
    const count = site.truth.books.length
    yield* Console.error(`demo-site: ${count} books on ${site.url} (Ctrl-C stops it)`)
    return yield* site.log.awaitFailure
  },
  Effect.scoped,
  Effect.mapError((error) => {
    const exitCode = error._tag === "LogFileError" ? 3 : 1
    return new Program.Stopped({ exitCode, reason: error.message })
  })
)

Command.make("demo-site", flags, serve).pipe(
  Command.withDescription("Serves a small book shop to crawl, the same for the same seed."),
  (command) => Program.run(command, { version: Program.versionOf(import.meta.url) })
)

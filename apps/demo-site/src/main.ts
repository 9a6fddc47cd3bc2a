/** The command line of the demo site. */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as Books from "./Books.ts"
import * as Cli from "./Cli.ts"
import * as Site from "./Site.ts"

const between = (name: string, from: number, to: number) =>
  Flag.Int(name).pipe(
    Flag.filter(
      (value) => value >= from && value <= to,
      () => `a whole number from ${from} to ${to}`
    )
  )

const flags = {
  port: between("port", 0, 65_535).pipe(
    Flag.withDescription("Port on 127.0.0.1; 0 takes any free one (default 8080)"),
    Flag.withDefault(8080)
  ),
  books: between("books", Books.countMin, Books.countMax).pipe(
    Flag.withDescription("Books that robots.txt allows (default 240)"),
    Flag.withDefault(240)
  ),
  seed: Flag.Int("seed").pipe(
    Flag.withDescription("The same seed gives the same pages (default 1)"),
    Flag.withDefault(1)
  ),
  log: Flag.String("log").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("File to append a line of JSON to for each request (default none)"),
    Flag.optional
  )
}

const command = Command.make("demo-site", flags, ({ books, log, port, seed }) =>
  Effect.gen(function* () {
    const site = yield* Site.serve({
      port,
      books,
      seed,
      ...(Option.isSome(log) ? { logPath: log.value } : {})
    })
    yield* Console.error(`demo-site: ${books} books on ${site.url} (Ctrl-C stops it)`)
    return yield* site.log.awaitFailure
  }).pipe(
    Effect.scoped,
    Effect.tapCause((cause) => Effect.logDebug(cause))
  )
).pipe(Command.withDescription("Serves a small book shop to crawl, the same for the same seed."))

Cli.runMain(command)

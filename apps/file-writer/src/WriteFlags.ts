/** The flags of `file-writer write`. */
import { Flags } from "@fibra/cli"
import type { FileSink } from "@fibra/files"
import { Duration, Option } from "effect"
import { Flag } from "effect/cli"
import * as FileNames from "./FileNames.ts"
import type { Plan } from "./Plan.ts"

const rowBytesLimit = 256 * 1024 * 1024
const countMax = Number.MAX_SAFE_INTEGER

const places = {
  output: Flag.String("output").pipe(
    Flag.withAlias("o"),
    Flag.withMetavar("PATH"),
    Flag.filter(
      (path) => path !== "",
      () => "a name"
    ),
    Flag.withDescription("The file to write; - is stdout (required)")
  ),
  from: Flag.String("from").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Where rows come from, one JSON value a line; - is stdin (default -)"),
    Flag.withDefault("-")
  ),
  rejects: Flag.String("rejects").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "Keeps malformed rows as {line, cause, text} (default: the first 10 are shown on stderr)"
    ),
    Flag.optional
  ),
  checkpoint: Flag.String("checkpoint").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      "With --mode append: keeps how many lines are done, in one step with their rows; a rerun goes on behind them (default: none)"
    ),
    Flag.optional
  )
}

const shape = {
  format: Flag.Literals("format", ["jsonl", "csv", "raw", "parquet"]).pipe(
    Flag.withDescription(
      `jsonl: rows as they are; csv, parquet: their fields; raw: any lines ${FileNames.byName.format}`
    ),
    Flag.optional
  ),
  columns: Flag.String("columns").pipe(
    Flag.withMetavar("A,B,C"),
    Flag.withDescription(
      "Fields of csv (required there) and parquet (default: those of the first 10,000 rows)"
    ),
    Flag.withDefault("")
  ),
  compress: Flag.Literals("compress", ["none", "gzip", "zstd"]).pipe(
    Flag.withDescription(
      `Each commit by itself, so that a file is readable up to its last commit ${FileNames.byName.compress}`
    ),
    Flag.optional
  ),
  schema: Flag.String("schema").pipe(
    Flag.withMetavar("FILE.ts"),
    Flag.withDescription(
      "A module whose default export is a schema of Effect; rows that do not fit are rejected (default: none). It is run"
    ),
    Flag.optional
  ),
  rowBytesMax: Flags.bytes("row-bytes-max").pipe(
    Flag.filter(
      (bytes) => bytes >= 1 && bytes <= rowBytesLimit,
      () => "--row-bytes-max must be from 1 to 256MiB"
    ),
    Flag.withDescription("Longer rows are rejected, not kept in memory (default 16MiB)"),
    Flag.withDefault(16 * 1024 * 1024)
  )
}

const files = {
  mode: Flags.described(
    Flag.Literals("mode", ["atomic", "append", "exclusive"]),
    "atomic: rows wait in PATH.partial until all are in, then replace PATH; exclusive: the same, and PATH must not be there; append: they go to the end of PATH",
    "atomic"
  ),
  partition: Flag.String("partition").pipe(
    Flag.withMetavar("TEMPLATE"),
    Flag.withDescription(
      "With --mode append: a directory beside PATH for each value, as in 'date={ts:%Y-%m-%d}/{host}' (default: none)"
    ),
    Flag.optional
  ),
  maxOpen: Flags.described(
    Flags.between("max-open", 1, 10_000),
    "Files of partitions that are open at once",
    64
  ),
  rotateRows: limit(
    Flags.between("rotate-rows", 1, countMax),
    "With --mode append: rows of a file, then comes rows.000002.jsonl and so on"
  ),
  rotateSize: limit(
    Flag.filter(
      Flags.bytes("rotate-size"),
      (bytes) => bytes >= 1,
      () => "a size from 1 byte on"
    ),
    "The same by bytes"
  ),
  rotateEvery: limit(
    Flag.filter(
      Flags.duration("rotate-every"),
      (time) => Duration.toMillis(time) > 0,
      () => "a time above 0"
    ),
    "The same by the time that a file is open"
  ),
  keep: limit(Flags.between("keep", 1, countMax), "Files to keep of each partition", "all"),
  manifest: Flags.described(
    Flag.Boolean("manifest"),
    "With --mode append: lists rows, bytes and sha256 of complete files in PATH.manifest.jsonl",
    false
  )
}

const commits = {
  fsync: Flag.String("fsync").pipe(
    Flag.withMetavar("none|interval:TIME|batch|always"),
    Flag.filterMap(parseFsync, () => "none, interval:1s, batch or always"),
    Flag.withDescription(
      "With --mode append: when rows are on the disk: never by us, at most that much later, with each commit, or each row by itself (default batch)"
    ),
    Flag.withDefault<FileSink.Options<never>["fsync"]>("batch")
  ),
  batch: Flag.String("batch").pipe(
    Flag.withMetavar("ROWS,SIZE,TIME"),
    Flag.filterMap(parseBatch, () => "some of rows, size and time, such as 1000,1MiB,100ms"),
    Flag.withDescription("When a commit is due, whichever comes first (default 10000,1MiB,10ms)"),
    Flag.withDefault<Plan["batch"]>({})
  ),
  buffer: Flags.described(
    Flags.between("buffer", 1, 10_000_000),
    "Rows in memory that are not committed yet",
    20_000
  ),
  onFull: Flags.described(
    Flag.Literals("on-full", ["wait", "drop", "spill"]),
    "What happens when they are too many: the input waits, rows are dropped and counted, or they go to PATH.spill",
    "wait"
  ),
  key: Flag.String("key").pipe(
    Flag.withMetavar("FIELD"),
    Flag.withDescription(
      "With --mode append: rows whose FIELD is there already are not written again (default: none)"
    ),
    Flag.optional
  ),
  keysMax: Flags.described(
    Flags.between("keys-max", 1, 10_000_000),
    "Values of --key that are remembered, the latest ones; 1,000,000 take about 100 MB",
    1_000_000
  ),
  ack: Flags.described(
    Flag.Literals("ack", ["none", "stdout"]),
    "With --mode append, stdout: after each commit the number of the last line that is durable, as JSON",
    "none"
  )
}

export const flags = {
  ...places,
  ...shape,
  ...files,
  ...commits,
  json: Flags.described(
    Flag.Boolean("json"),
    "One JSON object instead of the summary: on stdout, or on stderr with -o - or --ack stdout",
    false
  )
}

function limit<A>(flag: Flag.Flag<A>, description: string, byDefault = "no limit") {
  return Flag.optional(Flag.withDescription(flag, `${description} (default: ${byDefault})`))
}

function parseFsync(text: string): Option.Option<FileSink.Options<never>["fsync"]> {
  if (text === "none" || text === "batch" || text === "always") return Option.some(text)
  const [, time] = /^interval:(.+)$/.exec(text) ?? []
  return Option.map(parseTime(time ?? ""), (interval) => ({ interval }))
}

function parseBatch(text: string): Option.Option<Plan["batch"]> {
  let batch: Plan["batch"] = {}
  for (const part of text.split(",")) {
    const [time, size] = [parseTime(part), /^([1-9]\d*)(KiB|MiB|GiB)$/i.exec(part)]
    if (/^[1-9]\d{0,8}$/.test(part)) {
      batch = { ...batch, rowsMax: Number(part) }
    } else if (size !== null) {
      const unit = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[size[2]![0]!.toLowerCase()]!
      batch = { ...batch, bytesMax: Number(size[1]) * unit }
    } else if (Option.isSome(time)) {
      batch = { ...batch, every: time.value }
    } else {
      return Option.none()
    }
  }
  return Option.some(batch)
}

function parseTime(text: string): Option.Option<Duration.Duration> {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  if (number === undefined || unit === undefined) return Option.none()
  const millis = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit]!
  return Option.some(Duration.millis(Number(number) * millis))
}

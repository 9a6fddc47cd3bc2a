/** Where a crawl keeps its state, and whether that goes with where its rows go. */
import * as Program from "@fibra/cli/Program"
import { Job } from "@fibra/crawl"
import type * as FileSink from "@fibra/files/FileSink"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as RowFiles from "./RowFiles.ts"
import { type Parsed, usage } from "./CrawlFlags.ts"

export interface Place {
  /** A file with links resolved, or `-`. */
  readonly output: string
  /** When a file of rows is followed by the next one; `undefined` when there is one only. */
  readonly rotate: FileSink.Rotation | undefined
  /** Where rejects go, with links resolved; `undefined` when there is no schema, or when they are shown. */
  readonly rejects: string | undefined
  /** The file that answers are kept in; `undefined` when they are not. */
  readonly archive: string | undefined
  /** The directory that bodies are kept in; `undefined` when they are not. */
  readonly bodies: string | undefined
  /** The directory of the job; `undefined` when it is in memory. */
  readonly directory: string | undefined
  /** Whether job and file start from nothing. */
  readonly isOverwritten: boolean
}

/** Fails before anything is made: with exit code 2 for flags that do not go together, 3 for a bad path. */
export const find = Effect.fnUntraced(function* (flags: Parsed) {
  const { job, output, overwrite } = flags
  if (Option.isSome(output) === Option.isSome(overwrite)) {
    return yield* usage(
      Option.isSome(output)
        ? "-o and -O do not go together"
        : "Missing required flag: --output (or --overwrite)"
    )
  }
  const text = Option.getOrElse(output, () => Option.getOrThrow(overwrite))
  const { isFile, path } = yield* resolve(text)
  if (isFile && /\.(csv|parquet|sqlite|gz|zst)$/i.test(path)) {
    return yield* usage(
      `${text} would hold JSON Lines: name a .jsonl, and make others of it with "scraper export"`
    )
  }
  const directory = Option.match(job, {
    onNone: () => (isFile ? `${path}.job` : undefined),
    onSome: (directory) => (directory === "none" ? undefined : directory)
  })
  const rejects = yield* rejectsOf(flags, isFile ? path : undefined)
  if (Option.isSome(flags.rotate) && !isFile)
    return yield* usage("--rotate needs a file for the rows")
  const rotate = Option.getOrUndefined(flags.rotate)
  const kept = yield* keptOf(flags, isFile ? path : undefined, directory)
  return {
    output: path,
    rotate,
    rejects,
    ...kept,
    directory,
    isOverwritten: Option.isSome(overwrite)
  }
})

const rejectsOf = Effect.fnUntraced(function* (
  { rejects, schema }: Parsed,
  output: string | undefined
) {
  if (Option.isNone(schema)) return undefined
  if (Option.isNone(rejects)) return output && `${withoutExtension(output)}.rejects.jsonl`
  const { isFile, path } = yield* resolve(rejects.value)
  if (!isFile || path === output) {
    return yield* usage(`--rejects ${rejects.value} must be a file, and not that of the rows`)
  }
  return path
})

/** Where answers and bodies go. */
const keptOf = Effect.fnUntraced(function* (
  { saveBody }: Parsed,
  output: string | undefined,
  directory: string | undefined
) {
  const nothing = { archive: undefined, bodies: undefined }
  if (saveBody === "none") return nothing
  if (saveBody === "warc") {
    if (output === undefined) return yield* usage("--save-body warc needs a file for the rows")
    return { ...nothing, archive: `${withoutExtension(output)}.warc.gz` }
  }
  if (directory === undefined) return yield* usage("--save-body file needs a --job DIR to put them")
  return { ...nothing, bodies: `${directory}/bodies` }
})

const withoutExtension = (path: string) => path.replace(/\.[^./]+$/, "")

const resolve = Effect.fnUntraced(function* (text: string) {
  if (text === "-" || text === "/dev/stdout") return { path: "-", isFile: false }
  const paths = yield* Path.Path
  const path = yield* realPath(text, linksMax)
  const stop = (reason: string) =>
    new Program.Stopped({ exitCode: 3, reason: `cannot open ${text}: ${reason}` })
  const type = yield* typeOf(path)
  if (type === "Directory") return yield* stop("it is a directory")
  if ((yield* typeOf(paths.dirname(path))) !== "Directory") {
    return yield* stop("its directory is not there")
  }
  return { path, isFile: type === undefined || type === "File" }
})

/** As Linux. */
const linksMax = 40

/** A file has one name, before it is there and after: links are resolved on the way to it, too. */
const realPath = (
  text: string,
  linksLeft: number
): Effect.Effect<string, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
    const found = yield* Effect.option(fs.realPath(text))
    if (Option.isSome(found)) return found.value
    const folder = paths.dirname(paths.resolve(text))
    const target = yield* Effect.option(fs.readLink(text))
    if (Option.isSome(target) && linksLeft > 0) {
      return yield* realPath(paths.resolve(folder, target.value), linksLeft - 1)
    }
    const realFolder = yield* Effect.orElseSucceed(fs.realPath(folder), () => folder)
    return paths.join(realFolder, paths.basename(text))
  })

const typeOf = (path: string) =>
  FileSystem.FileSystem.pipe(
    Effect.flatMap((fs) => fs.stat(path)),
    Effect.map(({ type }) => type),
    Effect.orElseSucceed(() => undefined)
  )

/** Whether the job is that of these files, by what it remembers. */
export const check = Effect.fnUntraced(function* (
  { archive, directory, isOverwritten, output, rejects, rotate }: Place,
  recall: (name: string) => Effect.Effect<string | undefined, Job.JobFailed>
) {
  const known = yield* recall("output")
  if (known !== undefined && known !== output) {
    return yield* usage(
      `the job ${directory} writes to ${known}; give -o ${known}, or another --job`
    )
  }
  const wasRotated = yield* recall("rotated")
  if (wasRotated !== undefined && wasRotated !== String(rotate !== undefined)) {
    const without = wasRotated === "true" ? "with" : "without"
    return yield* usage(
      `the job ${directory} was made ${without} --rotate; name another -o and --job`
    )
  }
  if (isOverwritten) return
  const knownRejects = yield* recall("rejects")
  if (knownRejects !== undefined && knownRejects !== rejects) {
    return yield* usage(
      `the job ${directory} keeps rejects in ${knownRejects}; give --schema FILE.ts` +
        ` --rejects ${knownRejects}, or another --job`
    )
  }
  const knownArchive = yield* recall("archive")
  if (knownArchive !== undefined && knownArchive !== archive) {
    return yield* usage(
      `the job ${directory} keeps answers in ${knownArchive}; give --save-body warc, or another --job`
    )
  }
})

/** Notes whose job it is, so that it is not mixed with another, and `resume` knows what to do. */
export const claim = Effect.fnUntraced(function* (job: Job.Job, place: Place) {
  yield* check(place, (name) => Job.recall(job, name))
  const { archive, isOverwritten, rejects, rotate } = place
  if (isOverwritten) {
    const paths = yield* Path.Path
    const names = rejects === undefined ? [] : [paths.basename(rejects)]
    const base = paths.basename(place.output)
    const first = rotate === undefined ? base : RowFiles.nameOf(base, 1)
    yield* Job.restart(job, [first], names, archive !== undefined)
  }
  yield* Job.remember(job, "output", place.output)
  yield* Job.remember(job, "rotated", String(rotate !== undefined))
  if (rejects !== undefined) yield* Job.remember(job, "rejects", rejects)
  if (archive !== undefined) yield* Job.remember(job, "archive", archive)
  const args = process.argv.slice(2)
  // `resume` runs what is noted already.
  if (args.find((arg) => arg === "crawl" || arg === "resume") !== "crawl") return
  const command = { args: args.map(goingOn), cwd: process.cwd() }
  yield* Job.remember(job, "command", JSON.stringify(command))
})

/** The same flag for a command that goes on instead of starting again. */
const goingOn = (arg: string) => arg.replace(/^(-O|--overwrite)(?==|$)/, "--output")

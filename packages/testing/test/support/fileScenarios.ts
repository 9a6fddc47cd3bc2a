/** What a program does with files, as a table: each row runs on Node's file system and on the simulated one. */
import {
  ByteSize,
  Effect,
  type FileSystem,
  Option,
  PlatformError,
  Predicate,
  type Scope,
  Stream
} from "effect"

/** A file system, and a quick way to prepare it and to look at it: a real disk is slow through Effect. */
export interface Ground {
  readonly fs: FileSystem.FileSystem
  /** Makes a folder that holds the nodes. */
  readonly plant: (folder: string, nodes: ReadonlyArray<Planted>) => Effect.Effect<void>
  /** The paths below a folder, and the text of a file if it is one. */
  readonly look: (folder: string, path: string) => Effect.Effect<Seen>
}

interface Planted {
  readonly name: string
  /** A file has a text, a link a target, and a directory neither. */
  readonly text?: string
  readonly target?: string
}

interface Seen {
  readonly names: ReadonlyArray<string>
  readonly text: string | undefined
}

/** A folder of its own, and `see`, which writes down what an effect gave: its result or its error. */
interface Stage extends Ground {
  readonly at: (name: string) => string
  readonly see: (
    effect: Effect.Effect<unknown, PlatformError.PlatformError, Scope.Scope>
  ) => Effect.Effect<void, never, Scope.Scope>
}

export type Scenario = (stage: Stage) => Effect.Effect<void, unknown, Scope.Scope>

/** Runs a scenario in a folder, and returns what it saw, with the folder called `DIR`. */
export const perform = Effect.fnUntraced(function* (
  scenario: Scenario,
  ground: Ground,
  folder: string
) {
  const seen: Array<unknown> = []
  const see: Stage["see"] = (effect) =>
    Effect.match(effect, { onFailure: errorOf, onSuccess: valueOf }).pipe(
      Effect.map((value) => void seen.push(value))
    )
  yield* ground.plant(folder, [])
  const at = (name: string) => (name === "" ? folder : `${folder}/${name}`)
  yield* scenario({ ...ground, at, see })
  return JSON.parse(JSON.stringify(seen).replaceAll(folder, "DIR")) as ReadonlyArray<unknown>
})

/** The parts of an error that a program can look at; descriptors differ, so that only their kind stays. */
const errorOf = ({ reason }: PlatformError.PlatformError) => {
  if (reason._tag === "BadArgument") return { tag: reason._tag, method: reason.method }
  const { cause } = reason
  return {
    tag: reason._tag,
    method: reason.method,
    syscall: reason.syscall,
    path: typeof reason.pathOrDescriptor === "number" ? "descriptor" : reason.pathOrDescriptor,
    code: Predicate.hasProperty(cause, "code") ? cause.code : undefined,
    message: Predicate.isError(cause) ? cause.message : undefined
  }
}

const valueOf = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (Option.isOption(value)) return Option.match(value, { onNone: () => "none", onSome: valueOf })
  if (typeof value === "bigint") return `${value}n`
  if (Array.isArray(value)) return value.map(valueOf)
  if (value === undefined) return "done"
  return Predicate.hasProperty(value, "nlink") ? infoOf(value as FileSystem.File.Info) : value
}

/** The size of a directory is the business of each file system. */
const infoOf = ({ mode, nlink, size, type }: FileSystem.File.Info) => ({
  type,
  mode: mode.toString(8),
  nlink: Option.getOrThrow(nlink).toString(),
  size: type === "Directory" ? "any" : ByteSize.toBigInt(size).toString()
})

const bytes = (text: string) => new TextEncoder().encode(text)

const flags = ["r", "r+", "w", "wx", "w+", "wx+", "a", "ax", "a+", "ax+"] as const

const rest = (file: FileSystem.File) => file.readAlloc(100)

/** Names in a listing have no order. */
const sorted = <E>(names: Effect.Effect<ReadonlyArray<string>, E>) =>
  Effect.map(names, (names) => [...names].toSorted())

/** A file, a full folder, an empty one, and links to each of them and to nothing. */
const tree = (folder: string): ReadonlyArray<Planted> => [
  { name: "file", text: "0123456789" },
  { name: "full" },
  { name: "full/inner", text: "inner" },
  { name: "empty" },
  { name: "toFile", target: `${folder}/file` },
  { name: "toFull", target: "full" },
  { name: "toNothing", target: "nothing" },
  { name: "loop", target: "loop" }
]

const longName = "x".repeat(256)

const places = [
  ..."file full empty toFile toFull toNothing loop missing file/below missing/below".split(" "),
  ..."full/inner toFull/inner full/ file/ toFull/ full/.. full/./inner full//inner".split(" "),
  longName
]

type Act = (
  stage: Stage,
  path: string
) => Effect.Effect<unknown, PlatformError.PlatformError, Scope.Scope>

/** For each place of one tree, what `act` sees there. */
const looking =
  (act: Act): Scenario =>
  (stage) =>
    Effect.gen(function* () {
      yield* stage.plant(stage.at("tree"), tree(stage.at("tree")))
      for (const place of places) {
        yield* stage.see(Effect.succeed(place))
        yield* stage.see(act(stage, stage.at(`tree/${place}`)))
      }
    })

/** For each place of a fresh tree, what `act` gives there and what is there then. */
const everywhere =
  (act: Act, except: ReadonlyArray<string> = []): Scenario =>
  (stage) =>
    Effect.gen(function* () {
      for (const place of places.filter((place) => !except.includes(place))) {
        const folder = stage.at(`${places.indexOf(place)}`)
        const inside: Stage = { ...stage, at: (name) => `${folder}/${name}` }
        yield* stage.plant(folder, tree(folder))
        yield* stage.see(Effect.succeed(place))
        yield* stage.see(act(inside, inside.at(place)))
        yield* stage.see(stage.look(folder, inside.at(place)))
      }
    })

/** For each pair of places of a fresh tree; fewer of them, for a real disk is slow. */
const between =
  (act: (stage: Stage, from: string, to: string) => ReturnType<Act>): Scenario =>
  (stage) =>
    Effect.gen(function* () {
      const others = places.filter((place) => !ends.includes(place))
      for (const [index, place] of ends.entries()) {
        const folder = stage.at(`${index}`)
        yield* stage.plant(folder, [])
        yield* stage.see(Effect.succeed(`from ${place}`))
        const from: Stage = { ...stage, at: (name) => `${folder}/${name}` }
        yield* everywhere((inside, to) => act(inside, inside.at(place), to), others)(from)
      }
    })

const ends = [
  "file",
  "full",
  "empty",
  "toFile",
  "toFull",
  "toNothing",
  "missing",
  "full/inner",
  "full/"
]

/** Of a link to a directory, and of a path that ends above itself, Node's `rm` says that it is done. */
const rmPretends = ["toFull/", "full/.."]

export const scenarios: Readonly<Record<string, Scenario>> = {
  "every flag on a file that is there": (stage) =>
    Effect.gen(function* () {
      const { at, fs, see } = stage
      for (const flag of flags) {
        yield* fs.writeFileString(at(flag), "0123456789")
        const file = yield* Effect.option(fs.open(at(flag), { flag }))
        yield* see(fs.open(at(flag), { flag }).pipe(Effect.as("open")))
        if (Option.isNone(file)) continue
        yield* see(file.value.write(bytes("ab")))
        yield* see(rest(file.value))
        yield* see(file.value.seek(1n, "start"))
        yield* see(rest(file.value))
        yield* see(file.value.writeAll(bytes("yz")))
        yield* see(file.value.stat)
        yield* see(file.value.sync)
        yield* see(file.value.truncate(3))
        yield* see(fs.readFile(at(flag)))
      }
    }),

  "every flag on a file that is not there": ({ at, fs, see }) =>
    Effect.gen(function* () {
      for (const flag of flags) {
        yield* see(fs.open(at(flag), { flag, mode: 0o600 }).pipe(Effect.as("open")))
        yield* see(fs.stat(at(flag)))
      }
    }),

  "every flag of writeFile": ({ at, fs, see }) =>
    Effect.gen(function* () {
      for (const flag of flags) {
        for (const data of ["ab", ""]) {
          const name = `${flag}${data}`
          yield* see(fs.writeFile(at(name), bytes(data), { flag }))
          yield* see(fs.readFile(at(name)))
          yield* fs.writeFileString(at(name), "0123456789")
          yield* see(fs.writeFile(at(name), bytes(data), { flag }))
          yield* see(fs.readFile(at(name)))
        }
      }
    }),

  "a cursor, and reads past the end": ({ at, fs, see }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(at("file"), "0123456789")
      const file = yield* fs.open(at("file"), { flag: "r+" })
      const buffer = new Uint8Array(4)
      yield* see(file.read(buffer))
      yield* see(Effect.succeed(buffer))
      yield* see(file.read(buffer, { position: 8n }))
      yield* see(Effect.succeed(buffer))
      yield* see(file.seek(-2n, "current"))
      yield* see(file.readAlloc(3))
      yield* see(file.seek(-9n, "current"))
      yield* see(file.seek(100n, "start"))
      yield* see(file.read(buffer))
      yield* see(rest(file))
      yield* see(file.readAlloc(4, { position: -1n }))
      yield* see(file.read(buffer, { position: -1n }))
      yield* see(file.readAlloc(-1))
      yield* see(file.readAlloc(0))
      yield* see(file.read(new Uint8Array(0)))
      yield* see(file.seek(2n ** 60n, "start"))
      yield* see(rest(file))
      yield* see(file.write(bytes("x")))
      yield* see(file.seek(12n, "start"))
      yield* see(file.write(bytes("end")))
      yield* see(file.write(new Uint8Array(0)))
      yield* see(file.writeAll(new Uint8Array(0)))
      yield* see(fs.readFile(at("file")))
      yield* see(file.seek(0n, "current"))
    }),

  "truncate shortens, lengthens with zeros, and moves the cursor": ({ at, fs, see }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(at("file"), "0123456789")
      for (const flag of ["r+", "a+"] as const) {
        const file = yield* fs.open(at("file"), { flag })
        yield* file.seek(8n, "start")
        yield* see(file.truncate(4))
        yield* see(file.seek(0n, "current"))
        yield* see(fs.readFile(at("file")))
        yield* see(file.truncate(6))
        yield* see(file.write(bytes("ab")))
        yield* see(fs.readFile(at("file")))
        yield* see(file.truncate())
        yield* see(file.stat)
        yield* see(fs.truncate(at("file"), 5))
        yield* see(fs.stat(at("file")))
        yield* see(fs.truncate(at("file")))
        yield* see(fs.stat(at("file")))
      }
    }),

  "two handles on one file": ({ at, fs, see }) =>
    Effect.gen(function* () {
      const one = yield* fs.open(at("file"), { flag: "w+" })
      const other = yield* fs.open(at("file"), { flag: "a+" })
      yield* one.writeAll(bytes("one"))
      yield* other.writeAll(bytes("other"))
      yield* one.writeAll(bytes("ONE"))
      yield* other.writeAll(bytes("!"))
      yield* see(rest(other))
      yield* see(one.readAlloc(9, { position: 0n }))
      yield* see(fs.remove(at("file")))
      yield* see(one.stat)
      yield* see(one.readAlloc(9, { position: 0n }))
      yield* see(fs.writeFileString(at("file"), "new"))
      yield* see(one.readAlloc(9, { position: 0n }))
      yield* see(fs.rename(at("file"), at("name")))
      yield* see(other.stat)
    }),

  "a handle on a directory": ({ at, fs, see }) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(at("folder"))
      const folder = yield* fs.open(at("folder"))
      yield* see(folder.sync)
      yield* see(folder.stat)
      yield* see(rest(folder))
      yield* see(folder.write(bytes("x")))
      yield* see(folder.truncate(1))
      for (const flag of flags) {
        yield* see(fs.open(at("folder"), { flag }).pipe(Effect.as("open")))
      }
    }),

  "open anywhere": looking(({ fs }, path) => Effect.as(fs.open(path), "open")),
  "open to write anywhere": everywhere(({ fs }, path) =>
    Effect.as(fs.open(path, { flag: "a" }), "open")
  ),
  "open exclusively anywhere": everywhere(({ fs }, path) =>
    Effect.as(fs.open(path, { flag: "wx" }), "open")
  ),
  "open without following anywhere": looking(({ fs }, path) =>
    Effect.as(fs.open(path, { noFollow: true }), "open")
  ),
  "readFile anywhere": looking(({ fs }, path) => fs.readFile(path)),
  "writeFile anywhere": everywhere(({ fs }, path) => fs.writeFileString(path, "new")),
  "stat anywhere": looking(({ fs }, path) => fs.stat(path)),
  "lstat anywhere": looking(({ fs }, path) => fs.lstat(path)),
  "access anywhere": looking(({ fs }, path) => fs.access(path, { readable: true, writable: true })),
  "exists anywhere": looking(({ fs }, path) => fs.exists(path)),
  "readLink anywhere": looking(({ fs }, path) => fs.readLink(path)),
  "realPath anywhere": looking(({ fs }, path) =>
    // Node asks for each part of the path by itself, and its error names the part.
    Effect.catch(fs.realPath(path), ({ reason }) => Effect.succeed(reason._tag))
  ),
  "readDirectory anywhere": looking(({ fs }, path) => sorted(fs.readDirectory(path))),
  "readDirectory recursively anywhere": looking(({ fs }, path) =>
    sorted(fs.readDirectory(path, { recursive: true }))
  ),
  "readDirectoryEntries anywhere": looking(({ fs }, path) =>
    Effect.map(fs.readDirectoryEntries(path), (entries) =>
      entries.map(({ name, type }) => `${name}: ${type}`).toSorted()
    )
  ),
  "makeDirectory anywhere": everywhere(({ fs }, path) => fs.makeDirectory(path)),
  "makeDirectory recursively anywhere": everywhere(({ fs }, path) =>
    Effect.asVoid(fs.makeDirectory(path, { recursive: true }))
  ),
  "makeDirectory recursively below anywhere": everywhere(({ fs }, path) =>
    Effect.asVoid(fs.makeDirectory(`${path}/a/../b/`, { recursive: true, mode: 0o700 }))
  ),
  "remove anywhere": everywhere(({ fs }, path) => fs.remove(path)),
  "remove by force anywhere": everywhere(({ fs }, path) => fs.remove(path, { force: true })),
  "remove recursively anywhere": everywhere(
    ({ fs }, path) => fs.remove(path, { recursive: true }),
    rmPretends
  ),
  "remove recursively by force anywhere": everywhere(
    ({ fs }, path) => fs.remove(path, { recursive: true, force: true }),
    rmPretends
  ),
  "truncate anywhere": everywhere(({ fs }, path) => fs.truncate(path, 2)),
  "chmod anywhere": everywhere(({ at, fs }, path) =>
    Effect.andThen(fs.chmod(path, 0o640), Effect.all([fs.stat(path), fs.lstat(at("toFile"))]))
  ),
  "chown anywhere": everywhere(({ fs }, path) => fs.chown(path, 0, 0)),
  "utimes anywhere": everywhere(({ fs }, path) =>
    Effect.andThen(
      fs.utimes(path, 1_000, new Date(2_000_000)),
      Effect.map(fs.stat(path), ({ atime, mtime }) =>
        [atime, mtime].map((time) => Option.getOrThrow(time).getTime())
      )
    )
  ),
  "rename between any two places": between(({ fs }, from, to) => fs.rename(from, to)),
  "link between any two places": between(({ fs }, from, to) => fs.link(from, to)),
  "symlink between any two places": between(({ fs }, from, to) => fs.symlink(from, to)),
  "copyFile between any two places": between(({ fs }, from, to) => fs.copyFile(from, to)),
  "copy between any two places": between(({ fs }, from, to) => fs.copy(from, to)),
  "copy over any two places": between(({ fs }, from, to) => fs.copy(from, to, { overwrite: true })),

  "rename of a directory into itself, and onto a link to the same file": (stage) =>
    Effect.gen(function* () {
      const { fs, see } = stage
      const at = (name: string) => stage.at(name === "" ? "tree" : `tree/${name}`)
      yield* stage.plant(at(""), tree(at("")))
      yield* see(Effect.asVoid(fs.makeDirectory(at("full/deep/deeper"), { recursive: true })))
      yield* see(fs.rename(at("full"), at("full/deep/deeper/full")))
      yield* see(fs.link(at("file"), at("same")))
      yield* see(fs.rename(at("file"), at("same")))
      yield* see(fs.stat(at("same")))
      yield* see(fs.rename(at("full/deep"), at("empty")))
      yield* see(sorted(fs.readDirectory(at(""), { recursive: true })))
      yield* see(fs.realPath(at("empty/deeper/../..")))
    }),

  "a link whose target ends with a slash leads to directories only": ({ at, fs, plant, see }) =>
    Effect.gen(function* () {
      yield* plant(at("tree"), tree(at("tree")))
      for (const target of ["file/", "full/", "missing/"]) {
        const path = at(`tree/to-${target.slice(0, -1)}`)
        yield* see(fs.symlink(target, path))
        yield* see(fs.readLink(path))
        yield* see(fs.lstat(path))
        yield* see(fs.stat(path))
        yield* see(fs.readFile(path))
        yield* see(fs.writeFileString(path, "new"))
        yield* see(sorted(fs.readDirectory(path)))
        yield* see(fs.rename(path, at(`tree/renamed-${target.slice(0, -1)}`)))
      }
    }),

  "a copy has the times of its source if it shall": ({ at, fs, see }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(at("file"), "text")
      yield* fs.chmod(at("file"), 0o600)
      yield* fs.utimes(at("file"), 1_000, 2_000)
      const wasKept = (preserveTimestamps: boolean) =>
        Effect.gen(function* () {
          yield* fs.copy(at("file"), at(`copy-${preserveTimestamps}`), { preserveTimestamps })
          const { mode, mtime } = yield* fs.stat(at(`copy-${preserveTimestamps}`))
          return [mode, Option.getOrThrow(mtime).getTime() === 2_000_000]
        })
      yield* see(wasKept(true))
      yield* see(wasKept(false))
    }),

  "hard links share one file": ({ at, fs, see }) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(at("one"), "text")
      yield* fs.link(at("one"), at("two"))
      yield* fs.writeFileString(at("two"), " more", { flag: "a" })
      yield* see(fs.readFile(at("one")))
      yield* see(fs.stat(at("one")))
      yield* fs.remove(at("one"))
      yield* see(fs.readFile(at("two")))
      yield* see(fs.stat(at("two")))
    }),

  "what Effect derives: strings, streams, sinks, globs": ({ at, fs, see }) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(at("a/b"), { recursive: true })
      const sink = fs.sink(at("a/b/one.txt"))
      yield* see(Stream.run(Stream.make(bytes("zażółć "), bytes("gęślą")), sink))
      yield* see(fs.readFileString(at("a/b/one.txt")))
      yield* fs.writeFileString(at("a/two.txt"), "jaźń")
      yield* see(Stream.runCollect(fs.stream(at("a/b/one.txt"), { chunkSize: 4, offset: 2 })))
      yield* see(Stream.runCollect(fs.stream(at("a/b/one.txt"), { bytesToRead: 5 })))
      yield* see(fs.glob("**/*.txt", { root: at("") }))
      yield* see(Stream.runCollect(fs.stream(at("missing"))))
      yield* see(Stream.run(Stream.make(bytes("x")), fs.sink(at("missing/x"))))
    }),

  "temporary files and directories": ({ at, fs, see }) =>
    Effect.gen(function* () {
      const shape = (path: string) =>
        path.replace(/[A-Za-z0-9]{6}(?=$|\/[0-9a-f]{12})/, "R").replace(/[0-9a-f]{12}/, "H")
      const there = (path: string) => Effect.all([Effect.succeed(shape(path)), fs.stat(path)])
      const directory = at("")
      yield* see(Effect.flatMap(fs.makeTempDirectory({ directory }), there))
      yield* see(Effect.flatMap(fs.makeTempDirectory({ directory, prefix: "p-" }), there))
      yield* see(Effect.flatMap(fs.makeTempFile({ directory, suffix: ".txt" }), there))
      const kept: Array<string> = []
      yield* see(
        Effect.scoped(
          Effect.tap(
            Effect.all([
              fs.makeTempDirectoryScoped({ directory, prefix: "q-" }),
              fs.makeTempFileScoped({ directory, prefix: "q-" })
            ]),
            (paths) => Effect.as(Effect.forEach(paths, there), kept.push(...paths))
          )
        ).pipe(Effect.map((paths) => paths.map(shape)))
      )
      yield* see(Effect.forEach(kept, (path) => fs.exists(path)))
      const nowhere = fs.makeTempDirectory({ directory: at("missing"), prefix: "x" })
      yield* see(Effect.mapError(nowhere, withoutMessage))
    }),

  "paths that are no paths": ({ at, fs, see }) =>
    Effect.gen(function* () {
      for (const path of ["", at("nul\0here")]) {
        yield* see(fs.readFile(path))
        yield* see(fs.writeFileString(path, "x"))
        yield* see(fs.open(path).pipe(Effect.as("open")))
        yield* see(fs.makeDirectory(path))
        yield* see(fs.remove(path))
        yield* see(fs.rename(path, at("x")))
        yield* see(fs.stat(path))
      }
    })
}

/** For messages that name something random. */
const withoutMessage = ({ reason }: PlatformError.PlatformError) =>
  reason._tag === "BadArgument"
    ? new PlatformError.PlatformError(reason)
    : PlatformError.systemError({ ...reason, _tag: reason._tag, cause: undefined })

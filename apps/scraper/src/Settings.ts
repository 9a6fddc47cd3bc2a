/** Flags that come from a configuration file or from the environment, in place of the command line. */
import * as Program from "@fibra/cli/Program"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Flag from "effect/cli/Flag"
import * as Result from "effect/Result"

/** The flag itself, whose value is read before the flags are. */
export const parameters = {
  config: Flag.String("config").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      'More flags, as TOML: max-pages = 100, include = ["/a", "/b"]. Each can also be in the' +
        " environment, as SCRAPE_MAX_PAGES=100; the command line wins, then the environment"
    ),
    Flag.optional
  )
}

/** A parameter of a command, as `effect/cli` nests them: at the core is one with a name. */
interface Parameter {
  readonly kind: string
}

interface KnownFlag {
  readonly name: string
  readonly aliases: ReadonlyArray<string>
  readonly isBoolean: boolean
  readonly isRepeatable: boolean
}

/** Where a flag's value comes from, for errors. */
interface Setting {
  readonly source: string
  readonly values: ReadonlyArray<string>
}

type Settings = ReadonlyMap<string, Setting>

/** The flags of commands, by their names. */
export type Commands = Readonly<Record<string, Readonly<Record<string, Parameter>>>>

/**
 * The arguments of a command with those added that the environment and the file of `--config` have for it:
 * what is given on the command line wins, then the environment.
 */
export const addTo = Effect.fnUntraced(function* (
  commands: Commands,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>
) {
  const at = args.findIndex(
    (arg, index) => !arg.startsWith("-") && args[index - 1] !== "--log-level"
  )
  if (!Object.hasOwn(commands, args[at] ?? "")) return args
  const command = args[at]!
  const flags = Object.values(commands[command]!).flatMap(flagIn)
  const known = new Set(
    Object.values(commands).flatMap((one) => Object.values(one).flatMap(flagIn).map(nameOf))
  )
  const given = args.slice(at + 1)
  const fromEnvironment = yield* readEnvironment(environment, known)
  const path = valueOf(given, "config") ?? fromEnvironment.get("config")?.values[0]
  const fromFile = path === undefined ? new Map() : yield* readFile(path, command, flags)
  const added: Array<string> = []
  for (const flag of flags) {
    const isOutput = flag.name === "output" || flag.name === "overwrite"
    if (isOutput ? isOutputGiven(given) : isGiven(flag, given)) continue
    const setting = fromEnvironment.get(flag.name) ?? fromFile.get(flag.name)
    if (setting !== undefined) added.push(...(yield* argumentsOf(flag, setting)))
  }
  return [...args.slice(0, at + 1), ...added, ...given]
})

const prefix = "SCRAPE_"

const readEnvironment = Effect.fnUntraced(function* (
  environment: Readonly<Record<string, string | undefined>>,
  known: ReadonlySet<string>
) {
  const settings = new Map<string, Setting>()
  for (const [source, text] of Object.entries(environment)) {
    if (!source.startsWith(prefix) || text === undefined) continue
    const name = source.slice(prefix.length).toLowerCase().replaceAll("_", "-")
    if (!known.has(name)) return yield* usage(`${source} is the name of no flag (--${name})`)
    settings.set(name, { source, values: text.split("\n").filter((line) => line !== "") })
  }
  return settings as Settings
})

const readFile = Effect.fnUntraced(function* (
  path: string,
  command: string,
  flags: ReadonlyArray<KnownFlag>
) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* Effect.mapError(
    fs.readFileString(path),
    ({ message }) =>
      new Program.Stopped({
        exitCode: 3,
        reason: `cannot read the settings in ${path}: ${message}`
      })
  )
  // Few commands have such a file.
  const Toml = yield* Effect.promise(() => import("effect/encoding/Toml"))
  const table = Toml.parse(text)
  if (Result.isFailure(table)) return yield* usage(`${path}: ${table.failure.message}`)
  const settings = new Map<string, Setting>()
  for (const [name, value] of Object.entries(table.success)) {
    const source = `${name} in ${path}`
    if (!flags.some((flag) => flag.name === name)) {
      return yield* usage(`${source} is the name of no flag of ${command}`)
    }
    const values = [value].flat()
    if (!values.every(isPlain)) {
      return yield* usage(`${source} is neither a text, nor a number, nor true or false`)
    }
    settings.set(name, { source, values: values.map(String) })
  }
  return settings as Settings
})

const isPlain = (value: unknown) => /^(string|number|bigint|boolean)$/.test(typeof value)

const argumentsOf = (
  { isBoolean, isRepeatable, name }: KnownFlag,
  { source, values }: Setting
): Effect.Effect<ReadonlyArray<string>, Program.Stopped> => {
  if (values.length > 1 && !isRepeatable) return usage(`${source} has more than one value`)
  if (!isBoolean) return Effect.succeed(values.map((value) => `--${name}=${value}`))
  const [value = "false"] = values
  if (/^(true|yes|on|1)$/i.test(value)) return Effect.succeed([`--${name}`])
  return /^(false|no|off|0)$/i.test(value)
    ? Effect.succeed([])
    : usage(`${source} is neither true nor false`)
}

const usage = (reason: string) => Effect.fail(new Program.Stopped({ exitCode: 2, reason }))

const isGiven = ({ aliases, name }: KnownFlag, args: ReadonlyArray<string>): boolean =>
  beforeOperands(args).some(
    (arg) =>
      [`--${name}`, `--no-${name}`, ...aliases.map((alias) => `-${alias}`)].includes(arg) ||
      arg.startsWith(`--${name}=`)
  )

/** One of the two says where the rows go. */
const isOutputGiven = (args: ReadonlyArray<string>): boolean =>
  beforeOperands(args).some((arg) => /^(-o|-O|--output|--overwrite)(=|$)/.test(arg))

const valueOf = (args: ReadonlyArray<string>, name: string): string | undefined => {
  const all = beforeOperands(args)
  const at = all.indexOf(`--${name}`)
  if (at !== -1) return all[at + 1]
  return all.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
}

const beforeOperands = (args: ReadonlyArray<string>) => {
  const end = args.indexOf("--")
  return end === -1 ? args : args.slice(0, end)
}

const nameOf = ({ name }: KnownFlag) => name

/** `effect/cli` has the name of a parameter at its core only, below what was made of its value. */
const flagIn = (parameter: Parameter): ReadonlyArray<KnownFlag> => {
  let isRepeatable = false
  let core = parameter as Nested
  while (core._tag !== "Single") {
    isRepeatable ||= core._tag === "Variadic"
    core = core.param
  }
  if (core.kind !== "flag") return []
  const { aliases, name, primitiveType } = core
  return [{ name, aliases, isRepeatable, isBoolean: primitiveType._tag === "Boolean" }]
}

type Nested =
  | { readonly _tag: "Map" | "Transform" | "Optional" | "Variadic"; readonly param: Nested }
  | {
      readonly _tag: "Single"
      readonly kind: string
      readonly name: string
      readonly aliases: ReadonlyArray<string>
      readonly primitiveType: { readonly _tag: string }
    }

/**
 * Flags for quantities, written as people write them: `1.5s`, `10MiB`, `5%`.
 *
 * @since 0.1.0
 */
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/**
 * Describes a flag and gives it a default, which the description states.
 *
 * `shown` replaces the default in the text, where its own form says less.
 *
 * @since 0.1.0
 */
export const described = <A>(
  flag: Flag.Flag<A>,
  description: string,
  byDefault: NoInfer<A>,
  shown: string = String(byDefault)
): Flag.Flag<A> =>
  flag.pipe(Flag.withDescription(`${description} (default: ${shown})`), Flag.withDefault(byDefault))

/**
 * A whole number from `min` to `max`.
 *
 * @since 0.1.0
 */
export const between = (name: string, min: number, max: number): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.filter(
      (value) => value >= min && value <= max,
      () => `a whole number from ${min} to ${max}`
    )
  )

/**
 * A length of time: a number with `ms`, `s`, `m` or `h`; a bare number is seconds.
 *
 * @since 0.1.0
 */
export const duration = (name: string): Flag.Flag<Duration.Duration> =>
  Flag.String(name).pipe(
    Flag.withMetavar("TIME"),
    Flag.filterMap(parseDuration, () => "a time such as 500ms, 1.5s or 2m")
  )

/**
 * A size: a number of bytes, or with `KiB`, `MiB`, `GiB`.
 *
 * @since 0.1.0
 */
export const bytes = (name: string): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar("SIZE"),
    Flag.filterMap(parseBytes, () => "a size such as 64KiB or 10MiB")
  )

/**
 * A share from 0% to 100%, as a number from 0 to 1.
 *
 * @since 0.1.0
 */
export const percent = (name: string): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar("PERCENT"),
    Flag.filterMap(parsePercent, () => "a share such as 5%")
  )

const parse = (text: string, units: Record<string, number>): Option.Option<number> => {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([a-z%]*)$/i.exec(text.trim()) ?? []
  const factor = units[(unit ?? "").toLowerCase()]
  return digits === undefined || factor === undefined
    ? Option.none()
    : Option.some(Number(digits) * factor)
}

const parseDuration = (text: string): Option.Option<Duration.Duration> =>
  Option.map(parse(text, { "": 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }), Duration.millis)

/**
 * Reads a size as people write it, for flags that take other things, too.
 *
 * @since 0.1.0
 */
export const parseBytes = (text: string): Option.Option<number> =>
  Option.filter(
    parse(text, { "": 1, b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 }),
    Number.isInteger
  )

const parsePercent = (text: string): Option.Option<number> =>
  Option.filter(parse(text, { "%": 0.01 }), (share) => share <= 1)
